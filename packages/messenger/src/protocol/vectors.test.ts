import assert from "node:assert/strict";
import { createDecipheriv, createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { flipped, isClearError, prefixes } from "./damage.test.js";
import * as protocol from "./index.js";
import { makeVectors, openMessage, openVectors, sealTwoRecords, type Vectors } from "./make-vectors.test.js";

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

describe("a message of the vectors", () => {
  for (const { body, replyKey, plaintext, envelope } of vectors.messages.sealed) {
    it(`is opened as it was packed: ${body} ${replyKey ? "with" : "without"} a reply key`, async () => {
      const opened = await openMessage(envelope);
      assert.equal(protocol.encodeBase64url(protocol.packPlaintext(opened)), plaintext);
      assert.deepEqual([opened.body.kind, opened.replyKey !== null], [body, replyKey]);
    });
  }

  it("is there in every layout", () => {
    const layouts = new Set(vectors.messages.sealed.map(({ body, replyKey }) => `${body} ${replyKey}`));
    const kinds = ["receipt", "text", "read", "part", "file"];
    assert.deepEqual(layouts, new Set(kinds.flatMap((kind) => [`${kind} false`, `${kind} true`])));
  });

  it("follows the one before: each has the hash of its plaintext", () => {
    const plaintexts = vectors.messages.sealed.map(({ plaintext }) => bytes(plaintext));
    for (const [n, plaintext] of plaintexts.entries()) {
      const before =
        n === 0
          ? new Uint8Array(8)
          : createHash("sha256")
              .update(plaintexts[n - 1]!)
              .digest();
      const { prevHash } = protocol.unpackPlaintext(plaintext);
      assert.equal(Buffer.compare(prevHash, before.subarray(0, 8)), 0);
    }
  });
});

describe("a file of two records", () => {
  it("is read record by record as the page on the protocol says, by Node's own cipher", async () => {
    const sealed = await sealTwoRecords();
    assert.equal(createHash("sha256").update(sealed).digest("base64url"), vectors.files.twoRecordsSha256);
    const read = (number: number, record: Uint8Array, last: number) => {
      const iv = Buffer.alloc(12);
      iv.writeUInt32BE(number, 8);
      const cipher = createDecipheriv("aes-256-gcm", bytes(vectors.files.key), iv);
      cipher.setAAD(Buffer.of(last)).setAuthTag(record.subarray(-16));
      return Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()]);
    };
    const plain = Buffer.concat([read(0, sealed.subarray(0, 65_552), 0), read(1, sealed.subarray(65_552), 1)]);
    assert.equal(Buffer.compare(plain, Buffer.alloc(65_537, 7)), 0);
  });
});

const plainLayouts: Record<string, { texts: readonly string[]; again(bytes: Uint8Array): Uint8Array }> = {
  greeting: {
    texts: [vectors.greeting.bytes],
    again: (given) => protocol.packGreeting(protocol.unpackGreeting(given)),
  },
  plaintext: {
    texts: vectors.messages.sealed.map(({ plaintext }) => plaintext),
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
        // Of a long one a bit of each byte: there is more of the same in it.
        for (const changed of flipped(bytes(text), text.length > 1000 ? 1 : 8)) {
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
    const { k, g, replyKey } = vectors.storedKeys;
    const { publicKey } = vectors.keys.alice!;
    const pairs = [await protocol.importHpkeKeys(k, true), await protocol.importSigningKeys(g, true)] as const;
    assert.deepEqual(await Promise.all(pairs.map(protocol.exportKeys)), [k, g]);
    assert.deepEqual(await protocol.exportKeys(await protocol.importHpkeKeys(replyKey, true)), replyKey);
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
