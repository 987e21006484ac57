import { committed, metaStore, openDatabase, resultOf, storeError } from "./database.js";
import { RowSeal } from "./row-seal.js";

const ecdh = { name: "ECDH", namedCurve: "P-256" };
const ecdsa = { name: "ECDSA", namedCurve: "P-256" };
const place = "probe";

interface Probe {
  readonly k: CryptoKeyPair;
  readonly g: CryptoKeyPair;
  readonly seal: CryptoKey;
}

/**
 * Stores a key of each kind, loads them in a new connection and uses them: some browsers lose keys, and that must not be found out when
 * there is something to lose.
 *
 * @throws {MessengerError} `STORE`
 */
export async function probeKeys(databaseName: string): Promise<void> {
  try {
    const made: Probe = {
      k: await crypto.subtle.generateKey(ecdh, false, ["deriveBits"]),
      g: await crypto.subtle.generateKey(ecdsa, false, ["sign", "verify"]),
      seal: await RowSeal.makeKey(),
    };
    await withMeta(databaseName, (meta) => meta.put(made, place));
    const kept = (await withMeta(databaseName, (meta) => meta.get(place))) as Probe;
    await use(kept, made);
    await withMeta(databaseName, (meta) => meta.delete(place));
  } catch (error) {
    throw storeError("this browser cannot keep keys, as in a private window; use another browser or window", {
      cause: error,
    });
  }
}

async function withMeta<Result>(
  name: string,
  ask: (meta: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result | undefined> {
  const database = await openDatabase(name);
  try {
    const transaction = database.transaction(metaStore, "readwrite");
    const result = resultOf(ask(transaction.objectStore(metaStore)));
    await committed(transaction);
    return await result;
  } finally {
    database.close();
  }
}

async function use({ k, g, seal }: Probe, made: Probe): Promise<void> {
  const message = crypto.getRandomValues(new Uint8Array(16));
  const signing = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(signing, g.privateKey, message);
  const isSigned = await crypto.subtle.verify(signing, made.g.publicKey, signature, message);
  await crypto.subtle.deriveBits({ name: "ECDH", public: made.k.publicKey }, k.privateKey, 256);
  await new RowSeal(made.seal).open(place, await new RowSeal(seal).seal(place, message));
  if (!isSigned) throw new Error("a key came back as another");
}
