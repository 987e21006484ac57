import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { AsyncCaleCipher } from "camp-session";
import type { CaleRole } from "cryo-protocol";
import { WebKeyPair, webCaleCrypto } from "./web-cale-crypto.js";

interface Vectors {
  readonly cale: {
    readonly serverPrivateHex: string;
    readonly serverPublicHex: string;
    readonly clientPrivateHex: string;
    readonly clientPublicHex: string;
    readonly records: readonly { direction: string; counter: number; plainHex: string; recordHex: string }[];
    readonly badPublicKeys: readonly { name: string; hex: string }[];
  };
}

const file = new URL("../../../cryo-protocol/vectors/cryo-v1.json", import.meta.url);
const { cale } = JSON.parse(readFileSync(file, "utf8")) as Vectors;

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** WebCrypto takes a private key together with its public one. */
async function keyPair(privateHex: string, publicHex: string): Promise<WebKeyPair> {
  const publicKey = bytesOf(publicHex);
  const [d, x, y] = [bytesOf(privateHex), publicKey.subarray(1, 33), publicKey.subarray(33)].map(base64Url);
  const jwk = { kty: "EC", crv: "P-256", d: d!, x: x!, y: y! };
  const curve = { name: "ECDH", namedCurve: "P-256" };
  return new WebKeyPair(await crypto.subtle.importKey("jwk", jwk, curve, false, ["deriveBits"]), publicKey);
}

function base64Url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const server = (): Promise<WebKeyPair> => keyPair(cale.serverPrivateHex, cale.serverPublicHex);
const client = (): Promise<WebKeyPair> => keyPair(cale.clientPrivateHex, cale.clientPublicHex);

/** One end of the vectors. */
async function cipherOf(role: CaleRole): Promise<AsyncCaleCipher> {
  const pair = await (role === "server" ? server() : client());
  return pair.derive(bytesOf(role === "server" ? cale.clientPublicHex : cale.serverPublicHex), role);
}

for (const { direction, counter, plainHex, recordHex } of cale.records) {
  test(`seals and opens record ${counter} ${direction} of the vectors`, async () => {
    const ends = [await cipherOf("client"), await cipherOf("server")] as const;
    const [sender, receiver] = direction === "client->server" ? ends : ([ends[1], ends[0]] as const);
    assert.equal(hexOf(await sender.seal(counter, bytesOf(plainHex))), recordHex);
    assert.equal(hexOf(await receiver.open(bytesOf(recordHex))), plainHex);
    await assert.rejects(sender.open(bytesOf(recordHex)));
  });
}

// The form of a key is judged before: `isCalePublicKey`.
for (const { name, hex } of cale.badPublicKeys.filter(({ name }) => !/compressed|hybrid/.test(name))) {
  test(`refuses a bad public key: ${name}`, async () => {
    const pair = await server();
    await assert.rejects(pair.derive(bytesOf(hex), "server"));
  });
}

test("refuses a record with a bit changed in any byte, and every shorter tag", async () => {
  const [sender, receiver] = [await cipherOf("client"), await cipherOf("server")];
  const record = await sender.seal(3, new Uint8Array(21));
  const isRefused = (bytes: Uint8Array) =>
    receiver.open(bytes).then(
      () => false,
      () => true,
    );
  for (let at = 0; at < record.byteLength; at++) {
    const changed = record.slice();
    changed[at]! ^= 1 << (at & 7);
    assert.ok(await isRefused(changed), `byte ${at}`);
  }
  for (let cut = 1; cut <= 16; cut++) assert.ok(await isRefused(record.slice(0, -cut)), `cut by ${cut}`);
  assert.equal(hexOf(await receiver.open(record)), "00".repeat(21));
});

test("two fresh pairs agree, each with a key of its own, and a pair is used once", async () => {
  const [one, other] = [await webCaleCrypto.createKeyPair(), await webCaleCrypto.createKeyPair()];
  for (const { publicKey } of [one, other]) assert.match(hexOf(publicKey), /^04[0-9a-f]{128}$/);
  assert.notEqual(hexOf(one.publicKey), hexOf(other.publicKey));
  const sender = await one.derive(other.publicKey, "client");
  const receiver = await other.derive(one.publicKey, "server");
  assert.equal(hexOf(await receiver.open(await sender.seal(0, Uint8Array.of(1, 2, 3)))), "010203");
  await assert.rejects(async () => one.derive(other.publicKey, "client"), /used before/);
});
