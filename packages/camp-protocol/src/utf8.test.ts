import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cutUtf8, decode, encode } from "./index.js";
import { utf8Length } from "./utf8.js";

function roundTrip(payload: string): string {
  const frame = decode(encode({ type: "utf8data", sid: 1n, ack: 0, payload }));
  assert.ok(frame.type === "utf8data");
  return frame.payload;
}

test("characters of every plane survive alone, in a short and in a long text", () => {
  for (let plane = 0; plane <= 16; plane++) {
    for (const low of [0x0000, 0x0041, 0x007f, 0x0080, 0x07ff, 0x0800, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xffff]) {
      const character = String.fromCodePoint(plane * 0x1_0000 + low);
      for (const text of [character, `abc${character}`, character.repeat(40), `${"a".repeat(900)}${character}`]) {
        assert.equal(roundTrip(text), text);
      }
    }
  }
});

test("a byte order mark is a character like any other", () => {
  assert.equal(roundTrip("\uFEFF"), "\uFEFF");
  assert.equal(roundTrip("\uFEFF\uFEFFbom"), "\uFEFF\uFEFFbom");
  const bye = decode(encode({ type: "bye", sid: 1n, ack: 0, reason: "\uFEFFbom" }));
  assert.ok(bye.type === "bye" && bye.reason === "\uFEFFbom" && bye.replaced === undefined);
  assert.equal(cutUtf8("\uFEFFbom", 4), "\uFEFFb");
});

test("ASCII of every length up to 200 survives", () => {
  for (let length = 0; length <= 200; length++) {
    const text = String.fromCharCode(...Array.from({ length }, (_, i) => (i * 7) % 128));
    assert.equal(roundTrip(text), text);
  }
});

test("utf8Length counts the bytes that an encoder writes, lone surrogates included", () => {
  const units = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd700, max: 0xe000 })));
  fc.assert(
    fc.property(units, (codes) => {
      const text = String.fromCharCode(...codes);
      assert.equal(utf8Length(text), Buffer.byteLength(text));
    }),
    { numRuns: 3000 },
  );
});

test("cutUtf8 keeps whole characters, as many as fit", () => {
  assert.equal(cutUtf8("", 10), "");
  assert.equal(cutUtf8("hello", 5), "hello");
  assert.equal(cutUtf8("hello", 4), "hell");
  assert.equal(cutUtf8("hello", 0), "");
  assert.equal(cutUtf8("größe", 4), "grö");
  assert.equal(cutUtf8("größe", 3), "gr");
  assert.equal(cutUtf8("a🚀b", 4), "a");
  assert.equal(cutUtf8("a🚀b", 5), "a🚀");
  assert.equal(cutUtf8("a\uD83D", 10), "a\uFFFD");
  assert.equal(cutUtf8("\uDE80\uD83D", 5), "\uFFFD");
});

test("cutUtf8 gives the longest beginning that fits, for any text and limit", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.nat(200), (text, bytesMax) => {
      const characters = [...text];
      let longest = "";
      for (const character of characters) {
        if (Buffer.byteLength(longest + character) > bytesMax) break;
        longest += character;
      }
      assert.equal(cutUtf8(text, bytesMax), longest);
    }),
    { numRuns: 2000 },
  );
});
