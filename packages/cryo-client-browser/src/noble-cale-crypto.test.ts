import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { NobleKeyPair, nobleCaleCrypto } from "./noble-cale-crypto.js";

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

const file = new URL("../../cryo-protocol/vectors/cryo-v1.json", import.meta.url);
const { cale } = JSON.parse(readFileSync(file, "utf8")) as Vectors;

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const server = (): NobleKeyPair => new NobleKeyPair(bytesOf(cale.serverPrivateHex));
const client = (): NobleKeyPair => new NobleKeyPair(bytesOf(cale.clientPrivateHex));

test("keys and records are those of the vectors", () => {
  assert.equal(hexOf(server().publicKey), cale.serverPublicHex);
  assert.equal(hexOf(client().publicKey), cale.clientPublicHex);
  const serverEnd = server().derive(bytesOf(cale.clientPublicHex), "server");
  const clientEnd = client().derive(bytesOf(cale.serverPublicHex), "client");
  assert.ok(cale.records.length > 0);
  for (const { direction, counter, plainHex, recordHex } of cale.records) {
    const [sender, receiver] = direction === "client->server" ? [clientEnd, serverEnd] : [serverEnd, clientEnd];
    assert.equal(hexOf(sender.seal(counter, bytesOf(plainHex))), recordHex);
    assert.equal(hexOf(receiver.open(bytesOf(recordHex))), plainHex);
    assert.throws(() => sender.open(bytesOf(recordHex)));
  }
});

// The form of a key is judged before: `isCalePublicKey`.
for (const { name, hex } of cale.badPublicKeys.filter(({ name }) => !/compressed|hybrid/.test(name))) {
  test(`a bad public key is refused: ${name}`, () => {
    assert.throws(() => server().derive(bytesOf(hex), "server"));
  });
}

test("a record with a bit changed in any byte is refused, and every shorter tag", () => {
  const receiver = server().derive(bytesOf(cale.clientPublicHex), "server");
  const record = client().derive(bytesOf(cale.serverPublicHex), "client").seal(3, new Uint8Array(21));
  for (let at = 0; at < record.byteLength; at++) {
    const changed = record.slice();
    changed[at]! ^= 1 << (at & 7);
    assert.throws(() => receiver.open(changed));
  }
  for (let cut = 1; cut <= 16; cut++) assert.throws(() => receiver.open(record.slice(0, -cut)));
  assert.equal(hexOf(receiver.open(record)), "00".repeat(21));
});

test("a key pair is used once, and a point that is not on the curve is refused", async () => {
  const pair = client();
  pair.derive(bytesOf(cale.serverPublicHex), "client");
  assert.throws(() => pair.derive(bytesOf(cale.serverPublicHex), "client"), /used before/);
  assert.throws(() => client().derive(new Uint8Array(65).fill(4), "client"));
  assert.equal((await nobleCaleCrypto.createKeyPair()).publicKey.length, 65);
});
