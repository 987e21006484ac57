import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Aes128Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256, HkdfSha512 } from "@hpke/core";
import { derivePair, pairOf, type RawPair, Reference } from "./hpke-reference.test.js";
import { concat, encodeBase64url, importHpkeKeys, importPoint, open, seal, utf8 } from "./index.js";

// The library against RFC 9180: its vectors of DHKEM(P-256) with HKDF-SHA256 (A.3.1, and A.4.3 for mode Auth); for the suite and the modes
// that are in use, of which the RFC prints none, those that its authors published with draft 08, since which the scheme is the same;
// and a second implementation.

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

const rfc = {
  ikmE: hex("4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e"),
  skEm: "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb",
  ikmR: hex("668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550"),
  enc: hex(
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
  ),
  ct: hex("5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434"),
  info: utf8("Ode on a Grecian Urn"),
  aad: utf8("Count-0"),
  pt: utf8("Beauty is truth, truth beauty"),
};

async function keysOf({ secret, point }: RawPair) {
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(encodeBase64url) as [string, string];
  const jwk = { kty: "EC", crv: "P-256", x, y, d: encodeBase64url(secret) };
  return { pair: await importHpkeKeys(jwk, true), publicKey: await importPoint(point) };
}

/** Bytes that follow from a name. */
const bytesOf = (name: string, length = 32): Uint8Array => {
  return Uint8Array.from(createHash("shake256", { outputLength: length }).update(name).digest());
};

describe("RFC 9180, A.3.1", () => {
  it("is what the library makes and opens", async () => {
    const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes128Gcm() });
    const recipientKey = await suite.kem.deriveKeyPair(rfc.ikmR.slice().buffer);
    const { info } = rfc;
    const sealing = await suite.createSenderContext({
      ...{ recipientPublicKey: recipientKey.publicKey, info, ekm: rfc.ikmE.slice().buffer },
    });
    assert.deepEqual(new Uint8Array(sealing.enc), rfc.enc);
    assert.deepEqual(new Uint8Array(await sealing.seal(rfc.pt, rfc.aad)), rfc.ct);
    const opening = await suite.createRecipientContext({ recipientKey, enc: rfc.enc, info });
    assert.deepEqual(new Uint8Array(await opening.open(rfc.ct, rfc.aad)), rfc.pt);
  });

  it("is what the second implementation makes and opens", () => {
    assert.equal(Buffer.from(derivePair(rfc.ikmE).secret).toString("hex"), rfc.skEm);
    const [reference, recipient] = [new Reference(16), derivePair(rfc.ikmR)];
    const { bytes } = reference.seal(rfc.pt, null, recipient.point, rfc, rfc.ikmE);
    assert.deepEqual(bytes, concat(rfc.enc, rfc.ct));
    assert.deepEqual(reference.open(bytes, recipient, null, rfc).plaintext, rfc.pt);
  });
});

describe("RFC 9180, A.4.3", () => {
  it("is what the library makes and opens in mode Auth", async () => {
    const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha512(), aead: new Aes128Gcm() });
    const derive = (ikm: string) => suite.kem.deriveKeyPair(hex(ikm).buffer as ArrayBuffer);
    const recipientKey = await derive("649a3f92edbb7a2516a0ade0b7dccc58a37240c4ba06f9726a952227b4adf6ff");
    const senderKey = await derive("4d79b8691aab55a7265e8490a04bb3860ed64dece90953ad0dc43a6ea59b4bf2");
    const { info } = rfc;
    const ekm = hex("6bb031aa9197562da0b44e737db2b9e61f6c3ea1138c37de28fc37ac29bc7350").buffer as ArrayBuffer;
    const sealing = await suite.createSenderContext({
      ...{ recipientPublicKey: recipientKey.publicKey, senderKey, info, ekm },
    });
    assert.deepEqual(
      new Uint8Array(sealing.enc),
      hex(
        "04fec59fa9f76f5d0f6c1660bb179cb314ed97953c53a60ab38f8e6ace60fd59178084d0dd66e0f79172992d4ddb2e91172ce24949bcebfff158dcc417f2c6e9c6",
      ),
    );
    const ct = hex("2480179d880b5f458154b8bfe3c7e8732332de84aabf06fc440f6b31f169e154157fa9eb44f2fa4d7b38a9236e");
    assert.deepEqual(new Uint8Array(await sealing.seal(rfc.pt, rfc.aad)), ct);
    const opening = await suite.createRecipientContext({
      ...{ recipientKey, senderPublicKey: senderKey.publicKey, enc: sealing.enc, info },
    });
    assert.deepEqual(new Uint8Array(await opening.open(ct, rfc.aad)), rfc.pt);
  });
});

/** Hexadecimal, but for the mode. */
interface PublishedVector {
  readonly mode: 2 | 3;
  readonly info: string;
  readonly psk?: string;
  readonly psk_id?: string;
  readonly ikmR: string;
  readonly ikmS: string;
  readonly ikmE: string;
  readonly skRm: string;
  readonly skSm: string;
  readonly enc: string;
  readonly aad: string;
  readonly plaintext: string;
  readonly ciphertext: string;
  readonly exports: readonly { readonly exporter_context: string; readonly exported_value: string }[];
}

const publishedPath = new URL("../../vectors/hpke-p256-sha256-aes256gcm.json", import.meta.url);
const published = JSON.parse(readFileSync(publishedPath, "utf8")).vectors as readonly PublishedVector[];

describe("the published vectors of the suite of the messenger", () => {
  it("are of both modes", () =>
    assert.deepEqual(
      published.map(({ mode }) => mode),
      [2, 3],
    ));

  for (const vector of published) {
    const [recipient, sender] = [derivePair(hex(vector.ikmR)), derivePair(hex(vector.ikmS))];
    const context = {
      ...{ info: hex(vector.info), aad: hex(vector.aad) },
      ...(vector.mode === 3 && { psk: { id: hex(vector.psk_id!), key: hex(vector.psk!) } }),
    };
    const [plaintext, ikmE] = [hex(vector.plaintext), hex(vector.ikmE)];
    const sealed = hex(vector.enc + vector.ciphertext);
    const secrets = vector.exports.map(({ exporter_context, exported_value }) => {
      return [hex(exporter_context), hex(exported_value)] as const;
    });

    it(`are what we seal, open and export in mode ${vector.mode}`, async () => {
      const [ours, theirs] = [await keysOf(sender), await keysOf(recipient)];
      const made = await seal(plaintext, ours.pair, theirs.publicKey, context, ikmE);
      const opened = await open("it", sealed, theirs.pair, ours.publicKey, context);
      assert.deepEqual([made.bytes, opened.plaintext], [sealed, plaintext]);
      for (const [exported, secret] of secrets) {
        assert.deepEqual([await made.exportSecret(exported), await opened.exportSecret(exported)], [secret, secret]);
      }
    });

    it(`are what the second implementation seals, opens and exports in mode ${vector.mode}`, () => {
      assert.deepEqual([recipient.secret, sender.secret], [hex(vector.skRm), hex(vector.skSm)]);
      const reference = new Reference();
      const made = reference.seal(plaintext, sender, recipient.point, context, ikmE);
      const opened = reference.open(sealed, recipient, sender.point, context);
      assert.deepEqual([made.bytes, opened.plaintext], [sealed, plaintext]);
      for (const [exported, secret] of secrets) {
        assert.deepEqual([made.exportSecret(exported), opened.exportSecret(exported)], [secret, secret]);
      }
    });
  }
});

describe("the suite of the messenger", () => {
  const reference = new Reference();
  for (const [mode, withPsk] of Object.entries({ Auth: false, AuthPSK: true })) {
    it(`seals the same bytes as the second implementation, and each opens the other's, in mode ${mode}`, async () => {
      for (let round = 0; round < 24; round++) {
        const [sender, recipient] = [pairOf(bytesOf(`s${round}`)), pairOf(bytesOf(`r${round}`))];
        const [ours, theirs] = [await keysOf(sender), await keysOf(recipient)];
        const context = {
          ...{ info: bytesOf(`i${round}`, round * 7), aad: bytesOf(`a${round}`, round * 5) },
          ...(withPsk && { psk: { id: bytesOf(`d${round}`, 1 + round), key: bytesOf(`k${round}`) } }),
        };
        const [plaintext, ekm, exported] = [
          bytesOf(`p${round}`, round * 120),
          bytesOf(`e${round}`),
          utf8("smp-pair/1"),
        ];
        const [one, two] = [
          await seal(plaintext, ours.pair, theirs.publicKey, context, ekm),
          reference.seal(plaintext, sender, recipient.point, context, ekm),
        ];
        assert.deepEqual(one.bytes, two.bytes);
        const secret = await one.exportSecret(exported);
        assert.deepEqual(two.exportSecret(exported), secret);
        const random = await seal(plaintext, ours.pair, theirs.publicKey, context);
        assert.deepEqual(reference.open(random.bytes, recipient, sender.point, context).plaintext, plaintext);
        const opened = await open("it", two.bytes, theirs.pair, ours.publicKey, context);
        assert.deepEqual([opened.plaintext, await opened.exportSecret(exported)], [plaintext, secret]);
      }
    });
  }

  it("does not open what another sealed, or with another psk, its id, info or aad", async () => {
    const [sender, recipient, other] = [pairOf(bytesOf("s")), pairOf(bytesOf("r")), pairOf(bytesOf("o"))];
    const [ours, theirs, others] = [await keysOf(sender), await keysOf(recipient), await keysOf(other)];
    const [info, aad, psk] = [bytesOf("info"), bytesOf("aad"), { id: bytesOf("id"), key: bytesOf("key") }];
    const { bytes } = reference.seal(rfc.pt, sender, recipient.point, { info, aad, psk }, bytesOf("e"));
    const refused = { code: "CANNOT_OPEN" };
    await assert.rejects(open("it", bytes, theirs.pair, others.publicKey, { info, aad, psk }), refused);
    await assert.rejects(open("it", bytes, others.pair, ours.publicKey, { info, aad, psk }), refused);
    for (const wrong of [
      { info: bytesOf("x"), aad, psk },
      { info, aad: bytesOf("x"), psk },
      { info, aad },
      { info, aad, psk: { ...psk, key: bytesOf("x") } },
      { info, aad, psk: { ...psk, id: bytesOf("x") } },
    ]) {
      await assert.rejects(open("it", bytes, theirs.pair, ours.publicKey, wrong), refused);
    }
    assert.deepEqual((await open("it", bytes, theirs.pair, ours.publicKey, { info, aad, psk })).plaintext, rfc.pt);
  });

  it("takes keys from outside only as uncompressed points of the curve", async () => {
    const { point } = pairOf(bytesOf("point"));
    const off = point.slice();
    off[64]! ^= 1;
    const compressed = concat(Uint8Array.of(2), point.subarray(1, 33));
    for (const wrong of [off, compressed, new Uint8Array(65), point.subarray(0, 64)]) {
      await assert.rejects(importPoint(wrong), { code: "MALFORMED" });
    }
  });
});
