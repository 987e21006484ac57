import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { type SyncCaleCipher, whole } from "camp-session";
import { splitCaleKeys } from "cryo-protocol";
import { NodeKeyPair, nodeCaleCrypto } from "./cale-crypto.js";

interface Vectors {
  readonly cale: {
    readonly serverPrivateHex: string;
    readonly serverPublicHex: string;
    readonly clientPrivateHex: string;
    readonly clientPublicHex: string;
    readonly hashHex: string;
    readonly records: readonly { direction: string; counter: number; plainHex: string; recordHex: string }[];
    readonly badPublicKeys: readonly { name: string; hex: string }[];
  };
}

const file = new URL("../../../cryo-protocol/vectors/cryo-v1.json", import.meta.url);
const { cale } = JSON.parse(readFileSync(file, "utf8")) as Vectors;

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const server = (): NodeKeyPair => new NodeKeyPair(bytesOf(cale.serverPrivateHex));
const client = (): NodeKeyPair => new NodeKeyPair(bytesOf(cale.clientPrivateHex));

/** Both ends of the vectors. */
function ciphers(): { server: SyncCaleCipher; client: SyncCaleCipher } {
  return {
    server: server().derive(bytesOf(cale.clientPublicHex), "server"),
    client: client().derive(bytesOf(cale.serverPublicHex), "client"),
  };
}

describe("nodeCaleCrypto", () => {
  it("has the public keys of the vectors", () => {
    assert.equal(hexOf(server().publicKey), cale.serverPublicHex);
    assert.equal(hexOf(client().publicKey), cale.clientPublicHex);
  });

  for (const { direction, counter, plainHex, recordHex } of cale.records) {
    it(`seals and opens record ${counter} ${direction}`, () => {
      const { server, client } = ciphers();
      const [sender, receiver] = direction === "client->server" ? [client, server] : [server, client];
      assert.equal(hexOf(sender.seal(counter, bytesOf(plainHex))), recordHex);
      assert.equal(hexOf(receiver.open(bytesOf(recordHex))), plainHex);
      assert.throws(() => sender.open(bytesOf(recordHex)));
    });
  }

  it("seals the same record in parts, the first of them long enough to be judged", () => {
    const { client } = ciphers();
    for (const bytes of [21, 22, 49, 4096, 65_536]) {
      const plain = Uint8Array.from({ length: bytes }, (_, at) => at);
      const parts = client.sealParts!(7, plain);
      assert.equal(parts.bytes.byteLength, 21);
      assert.equal(hexOf(whole(parts)), hexOf(client.seal(7, plain)));
    }
  });

  for (const { name, hex } of cale.badPublicKeys.filter(({ name }) => !/compressed|hybrid/.test(name))) {
    it(`refuses a bad public key: ${name}`, () => {
      assert.throws(() => server().derive(bytesOf(hex), "server"));
    });
  }

  it("refuses a record with any bit changed, and one cut by a byte", () => {
    const { server, client } = ciphers();
    const record = client.seal(3, new Uint8Array(21));
    for (let bit = 0; bit < record.byteLength * 8; bit++) {
      const changed = Uint8Array.from(record);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      assert.throws(() => server.open(changed), `bit ${bit}`);
    }
    assert.throws(() => server.open(record.subarray(0, record.byteLength - 1)));
    assert.equal(hexOf(server.open(record)), hexOf(new Uint8Array(21)));
  });

  it("does not accept a tag of fewer bytes in the place of a whole one", () => {
    const { server, client } = ciphers();
    const record = client.seal(3, new Uint8Array(40));
    for (const tagBytes of [4, 8, 12, 15]) {
      const short = Buffer.concat([record.subarray(0, 52), record.subarray(52, 52 + tagBytes)]);
      assert.throws(() => server.open(short));
    }
  });

  it("takes private keys without their leading zeros, as Node exports them", () => {
    const whole = new NodeKeyPair(bytesOf(`0000${"11".repeat(30)}`));
    assert.equal(hexOf(new NodeKeyPair(bytesOf("11".repeat(30))).publicKey), hexOf(whole.publicKey));
  });

  it("gives both ends the same keys also where the secret begins with zeros", () => {
    for (let round = 0; round < 300; round++) {
      const [one, other] = [new NodeKeyPair(), new NodeKeyPair()];
      const keys = [one.publicKey, other.publicKey];
      const sender = one.derive(keys[1]!, "server");
      assert.equal(other.derive(keys[0]!, "client").open(sender.seal(0, new Uint8Array(21))).byteLength, 21);
    }
  });

  it("draws a fresh key for every connection, of 65 bytes that begin with 4", () => {
    const keys = new Set(Array.from({ length: 50 }, () => hexOf(new NodeKeyPair().publicKey)));
    assert.equal(keys.size, 50);
    for (const key of keys) assert.match(key, /^04[0-9a-f]{128}$/);
  });

  it("derives once: the private key is gone afterwards", () => {
    const pair = server();
    pair.derive(bytesOf(cale.clientPublicHex), "server");
    assert.throws(() => pair.derive(bytesOf(cale.clientPublicHex), "server"), /used before/);
    const refused = server();
    assert.throws(() => refused.derive(new Uint8Array(65), "server"));
    assert.throws(() => refused.derive(bytesOf(cale.clientPublicHex), "server"), /used before/);
  });

  it("shows no key to whoever prints what it made", () => {
    const pair = server();
    const cipher = pair.derive(bytesOf(cale.clientPublicHex), "server");
    const { sendKey, receiveKey } = splitCaleKeys(bytesOf(cale.hashHex), "server");
    const shown = inspect([pair, cipher], { depth: 9, showHidden: true }).replaceAll(/[\s,]/g, "");
    for (const secret of [sendKey, receiveKey, bytesOf(cale.serverPrivateHex)]) {
      assert.ok(!shown.includes(hexOf(secret)) && !shown.includes(hexOf(secret.subarray(0, 6))));
    }
  });

  it("hashes for the channel binding", async () => {
    const hash = await nodeCaleCrypto.sha256(new TextEncoder().encode("abc"));
    assert.equal(hexOf(hash), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});
