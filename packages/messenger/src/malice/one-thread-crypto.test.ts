import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  ECDH,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";

// WebCrypto for a simulation: the same primitives of the platform, but at once instead of on other threads, and keys from a seed. So a run
// goes the same way whenever it is repeated, and ten times as fast. Contains no test itself.

type Bytes = ArrayBuffer | ArrayBufferView;
type Named = string | { readonly name: string };
type Jwk = { readonly kty: string; readonly crv: string; readonly x: string; readonly y: string; readonly d?: string };

interface Parameters {
  readonly hash?: Named;
  readonly salt?: Bytes;
  readonly info?: Bytes;
  readonly iv?: Bytes;
  readonly additionalData?: Bytes;
  readonly public?: Key;
}

const curve = "prime256v1";
const tagBytes = 16;
/** What stands before the point in an SPKI of P-256 (RFC 5480). */
const spkiHead = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");
/** What stands before the secret in a PKCS #8 of P-256 without its public half. */
const pkcs8Head = Buffer.from("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420", "hex");

class Key {
  readonly type: "secret" | "public" | "private";
  readonly algorithm: { readonly name: string };
  readonly extractable: boolean;
  readonly usages: readonly string[];
  readonly secret: Buffer | null;
  readonly point: Buffer | null;
  #agreeing: ECDH | null = null;
  #signing: KeyObject | null = null;

  constructor(
    algorithm: Named,
    extractable: boolean,
    usages: readonly string[],
    secret: Buffer | null,
    point?: Buffer,
  ) {
    const isOfCurve = /^EC/.test(nameOf(algorithm));
    this.algorithm = { name: nameOf(algorithm) };
    this.extractable = extractable;
    this.usages = usages;
    this.secret = secret;
    this.type = secret === null ? "public" : isOfCurve ? "private" : "secret";
    if (isOfCurve && secret !== null) this.#agreeing = agreementWith(secret);
    this.point = point ?? this.#agreeing?.getPublicKey() ?? null;
  }

  agree(other: Key): Buffer {
    return this.#agreeing!.computeSecret(other.point!);
  }

  get jwk(): Jwk {
    const [x, y] = [this.point!.subarray(1, 33), this.point!.subarray(33)].map((half) => half.toString("base64url"));
    const jwk = { kty: "EC", crv: "P-256", x: x!, y: y! };
    return this.secret === null ? jwk : { ...jwk, d: this.secret.toString("base64url") };
  }

  /** For signatures. */
  get object(): KeyObject {
    const create = this.secret === null ? createPublicKey : createPrivateKey;
    this.#signing ??= create({ key: { ...this.jwk }, format: "jwk" });
    return this.#signing;
  }
}

let nextKey = () => Buffer.alloc(0);

/** From now on the keys that are generated follow from this seed. */
export function seedKeys(seed: number): void {
  let number = 0;
  nextKey = () => createHash("sha256").update(`key ${seed} ${number++}`).digest();
}

const subtle = {
  async digest(algorithm: Named, data: Bytes) {
    return exact(createHash(hashOf(algorithm)).update(bytesOf(data)).digest());
  },
  async importKey(format: string, data: Bytes | Jwk, algorithm: Named, extractable: boolean, usages: string[]) {
    if (format === "jwk") return fromJwk(data as Jwk, algorithm, extractable, usages);
    const bytes = Buffer.from(bytesOf(data as Bytes));
    if (format === "pkcs8") return new Key(algorithm, extractable, usages, behind(pkcs8Head, bytes));
    const point = format === "spki" ? behind(spkiHead, bytes) : bytes;
    return /^EC/.test(nameOf(algorithm))
      ? new Key(algorithm, extractable, usages, null, checkedPoint(point))
      : new Key(algorithm, extractable, usages, bytes);
  },
  async exportKey(format: string, key: Key) {
    if (!key.extractable) throw new Error("a key is not extractable");
    if (format === "jwk") return { ...key.jwk, key_ops: [...key.usages], ext: true };
    if (key.type !== "public") throw new Error("only public keys are exported as bytes");
    return exact(format === "spki" ? Buffer.concat([spkiHead, key.point!]) : key.point!);
  },
  async generateKey(algorithm: Named, extractable: boolean, usages: string[]) {
    const privateKey = new Key(algorithm, extractable, usages, nextKey());
    return { privateKey, publicKey: new Key(algorithm, true, [], null, privateKey.point!) };
  },
  async sign(algorithm: Named, key: Key, data: Bytes) {
    if (nameOf(algorithm) === "HMAC") return exact(createHmac("sha256", key.secret!).update(bytesOf(data)).digest());
    return exact(sign("sha256", bytesOf(data), { key: key.object, dsaEncoding: "ieee-p1363" }));
  },
  async verify(_algorithm: Named, key: Key, signature: Bytes, data: Bytes) {
    return verify("sha256", bytesOf(data), { key: key.object, dsaEncoding: "ieee-p1363" }, bytesOf(signature));
  },
  async deriveBits({ salt, info, public: peer }: Parameters, key: Key, bits: number) {
    if (peer !== undefined) return exact(key.agree(peer).subarray(0, bits / 8));
    return hkdfSync("sha256", key.secret!, bytesOf(salt!), bytesOf(info!), bits / 8);
  },
  async encrypt({ iv, additionalData }: Parameters, key: Key, data: Bytes) {
    const cipher = createCipheriv("aes-256-gcm", key.secret!, bytesOf(iv!));
    if (additionalData !== undefined) cipher.setAAD(bytesOf(additionalData));
    return exact(Buffer.concat([cipher.update(bytesOf(data)), cipher.final(), cipher.getAuthTag()]));
  },
  async decrypt({ iv, additionalData }: Parameters, key: Key, data: Bytes) {
    const [sealed, cipher] = [bytesOf(data), createDecipheriv("aes-256-gcm", key.secret!, bytesOf(iv!))];
    if (additionalData !== undefined) cipher.setAAD(bytesOf(additionalData));
    cipher.setAuthTag(sealed.subarray(-tagBytes));
    return exact(Buffer.concat([cipher.update(sealed.subarray(0, -tagBytes)), cipher.final()]));
  },
};

/** Puts it in the place of the platform's, for the whole of this thread. */
export function useOneThread(): void {
  Object.assign(crypto.subtle, subtle);
}

function agreementWith(secret: Buffer): ECDH {
  const ecdh = createECDH(curve);
  ecdh.setPrivateKey(secret);
  return ecdh;
}

function fromJwk(jwk: Jwk, algorithm: Named, extractable: boolean, usages: string[]): Key {
  const [x, y] = [jwk.x, jwk.y].map((half) => Buffer.from(half, "base64url"));
  const point = checkedPoint(Buffer.concat([Buffer.of(4), x!, y!]));
  const secret = jwk.d === undefined ? null : Buffer.from(jwk.d, "base64url");
  const key = new Key(algorithm, extractable, usages, secret, point);
  if (secret !== null && !agreementWith(secret).getPublicKey().equals(point)) throw new Error("the halves do not fit");
  return key;
}

function checkedPoint(point: Buffer): Buffer {
  return ECDH.convertKey(point, curve, undefined, undefined, "uncompressed") as Buffer;
}

function behind(head: Buffer, bytes: Buffer): Buffer {
  if (!bytes.subarray(0, head.length).equals(head)) throw new Error("a key of another kind");
  return bytes.subarray(head.length);
}

function nameOf(algorithm: Named): string {
  return typeof algorithm === "string" ? algorithm : algorithm.name;
}

/** Node's name of `SHA-256`. */
function hashOf(algorithm: Named): string {
  return nameOf(algorithm).replace("-", "").toLowerCase();
}

function bytesOf(data: Bytes): Buffer {
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
}

/** A buffer of its own, as WebCrypto gives them. */
function exact(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
