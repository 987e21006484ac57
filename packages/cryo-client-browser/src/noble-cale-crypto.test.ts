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

test("a key pair is used once, and a point that is not on the curve is refused", async () => {
  const pair = client();
  pair.derive(bytesOf(cale.serverPublicHex), "client");
  assert.throws(() => pair.derive(bytesOf(cale.serverPublicHex), "client"), /used before/);
  assert.throws(() => client().derive(new Uint8Array(65).fill(4), "client"));
  assert.equal((await nobleCaleCrypto.createKeyPair()).publicKey.length, 65);
});
