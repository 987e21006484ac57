import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { flipped, isClearError, prefixes } from "./damage.test.js";
import * as protocol from "./index.js";
import { makeVectors, openVectors, type Vectors } from "./make-vectors.test.js";

// The layouts as files: what is here now must make the same bytes, and open them. A change of them is a change of the protocol.
// `MESSENGER_VECTORS=write npm test -- messenger/dist/protocol/vectors` writes the file anew.

const path = fileURLToPath(new URL("../../vectors/messenger-v1.json", import.meta.url));
const writes = process.env.MESSENGER_VECTORS === "write";
const golden = (writes ? null : JSON.parse(readFileSync(path, "utf8"))) as Vectors | null;
const made = await makeVectors(golden);
if (writes) writeFileSync(path, `${JSON.stringify(made, null, 2)}\n`);
const vectors = golden ?? made;
const bytes = protocol.decodeBase64url;

describe("the vectors of the messenger", () => {
  for (const section of Object.keys(vectors) as (keyof Vectors)[]) {
    it(`are made again byte for byte: ${section}`, () => assert.deepEqual(made[section], vectors[section]));
  }

  it("have in the file what this makes, and nothing else", () => {
    assert.deepEqual(Object.keys(made), Object.keys(vectors));
  });
});

const opened = await openVectors(vectors);

describe("whoever gets the bytes of the vectors", () => {
  for (const [name, { open, expected }] of Object.entries(opened)) {
    it(`reads the ${name}`, async () => assert.deepEqual(await open(), expected));
  }

  for (const [name, { sealed, openOther }] of Object.entries(opened)) {
    it(`refuses the ${name} cut anywhere`, async () => {
      for (const cut of prefixes(bytes(sealed))) await assert.rejects(openOther(cut), isClearError);
    });
    it(`refuses the ${name} with any byte changed`, async () => {
      for (const changed of flipped(bytes(sealed))) await assert.rejects(openOther(changed), isClearError);
    });
  }
});

const plainLayouts: Record<string, { texts: readonly string[]; again(bytes: Uint8Array): Uint8Array }> = {
  greeting: {
    texts: [vectors.greeting.bytes],
    again: (given) => protocol.packGreeting(protocol.unpackGreeting(given)),
  },
  plaintext: {
    texts: vectors.plaintexts.map((each) => each.bytes),
    again(given) {
      const plaintext = protocol.unpackPlaintext(given);
      // Of a later version: shown as such, and never sent again.
      return plaintext.body.kind === "unknown" ? given : protocol.packPlaintext(plaintext);
    },
  },
};

describe("a layout that is not sealed", () => {
  for (const [name, { texts, again }] of Object.entries(plainLayouts)) {
    it(`has one form: the ${name} is packed as it was, whatever bit of it is changed, or refused`, () => {
      let refused = 0;
      for (const text of texts) {
        for (const changed of flipped(bytes(text), 8)) {
          try {
            assert.ok(protocol.equal(again(changed), changed));
          } catch (error) {
            if (!isClearError(error)) throw error;
            refused++;
          }
        }
      }
      assert.ok(refused > 100, `only ${refused} were refused`);
    });
    it(`is refused if it is cut: the ${name}`, () => {
      for (const text of texts)
        for (const cut of prefixes(bytes(text))) {
          // Padding cut to another size that exists is a plaintext, of another seal.
          if (name === "plaintext" && [512, 1024, 2048].includes(cut.length)) continue;
          assert.throws(() => again(cut), isClearError);
        }
    });
  }

  it("is refused if it is no link: cut, with a part too many, of another version, or with a damaged part", () => {
    const { link } = vectors.link;
    const beforeExpiry = link.lastIndexOf(".") + 1;
    for (let end = 0; end <= beforeExpiry; end++) {
      assert.throws(() => protocol.parseLink(link.slice(0, end)), { code: "BAD_LINK" });
    }
    for (const wrong of [`${link}.1`, `${link}x`, link.replace("#s1", "#s2"), link.replace(/\.\d+$/, ".09")]) {
      assert.throws(() => protocol.parseLink(wrong), { code: "BAD_LINK" });
    }
  });
});

describe("a key that is stored", () => {
  it("is the key that comes back, and a changed one is refused by the platform", async () => {
    const { k, g, publicKey } = vectors.keys.alice!;
    const pairs = [await protocol.importHpkeKeys(k, true), await protocol.importSigningKeys(g, true)] as const;
    assert.deepEqual(
      await Promise.all(pairs.map((pair) => protocol.exportKeys(pair))).then((keys) => keys.map(({ x, y }) => [x, y])),
      [k, g].map(({ x, y }) => [x, y]),
    );
    const identity = await protocol.identityOf(...pairs);
    assert.equal(protocol.encodeBase64url(identity.publicKey.bytes), publicKey);
    for (const wrong of [{ ...k, x: k.y! }, { ...k, crv: "P-384" }, { kty: "EC" }]) {
      await assert.rejects(protocol.importHpkeKeys(wrong, true));
    }
  });

  it("is told by its fingerprint, the SHA-256 of both halves", () => {
    for (const { publicKey, fingerprint } of Object.values(vectors.keys)) {
      assert.equal(createHash("sha256").update(bytes(publicKey)).digest("base64url"), fingerprint);
    }
  });
});

describe("a frame of the vectors", () => {
  for (const { name, from, text } of vectors.frames) {
    const parse = from === "client" ? protocol.parseClientMessage : protocol.parseServerMessage;
    it(`is read as it was written, and refused without any of its members or cut: ${name}`, () => {
      const parsed = parse(text);
      assert.equal(JSON.stringify(parsed), text);
      for (let end = 0; end < text.length; end++) {
        assert.throws(() => parse(text.slice(0, end)), isClearError);
      }
      for (const member of Object.keys(parsed)) {
        if (member === "req") continue;
        assert.throws(() => parse(JSON.stringify({ ...parsed, [member]: undefined })), isClearError, member);
        assert.throws(() => parse(JSON.stringify({ ...parsed, [member]: {} })), isClearError, member);
      }
    });
  }
});
