import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { validate } from "./index.js";

/** Pattern, values that match, values that do not. */
const words: readonly (readonly [unknown[], unknown[], unknown[]])[] = [
  [["str"], ["", "a"], [1, null, undefined]],
  [["num"], [0, -1.5], [Number.NaN, Number.POSITIVE_INFINITY, "1", 1n]],
  [["int"], [0, -1], [0.5, "1"]],
  [["bool"], [true, false], [0, null]],
  [["fun"], [() => 1, class {}], [{}, null]],
  [["arr"], [[]], [{}, "a"]],
  [["obj"], [{}, new Date(0)], [[], null, () => 1]],
  [["undef"], [undefined], [null, 0]],
  [
    ["between", 2, 3],
    [2, 3, "ab", "abc"],
    [1, 4, "a", "abcd", null, [1, 2]],
  ],
  [
    ["size", 2],
    ["ab", [1, 2], new Uint8Array(2), new ArrayBuffer(2), { a: 1, b: 2 }],
    ["a", [1], {}, 2, null],
  ],
  [
    ["pick", 2, "a", { x: ["num"] }],
    ["a", { x: 1 }],
    ["b", { x: "1" }, 2],
  ],
];

describe("validate", () => {
  for (const [pattern, good, bad] of words) {
    it(`knows the word ${pattern[0]}`, () => {
      for (const value of good) assert.equal(validate(pattern, value), undefined, String(value));
      for (const value of bad) assert.deepEqual(validate(pattern, value), pattern, String(value));
    });
  }

  it("compares literals", () => {
    for (const literal of ["str", 1, null, true, Number.NaN]) assert.equal(validate(literal, literal), undefined);
    assert.equal(validate("str", "x"), "str");
    assert.equal(validate(null, undefined), null);
  });

  it("cuts the pattern to what failed", () => {
    const pattern = { a: ["string", "between", 3, 8], b: { c: 1, d: ["number", "optional"] }, e: ["int"] };
    assert.equal(validate(pattern, { a: "abc", b: { c: 1 }, e: 1, extra: true }), undefined);
    assert.deepEqual(validate(pattern, { a: "ab", b: { c: 2, d: "x" }, e: 1 }), {
      a: ["between", 3, 8],
      b: { c: 1, d: ["number"] },
    });
    assert.deepEqual(validate(pattern, null), pattern);
    assert.deepEqual(validate(pattern, { a: 1 }), { a: ["string"], b: pattern.b, e: ["int"] });
  });

  it("counts own keys only", () => {
    assert.deepEqual(validate({ toString: ["fun"] }, {}), { toString: ["fun"] });
    const hostile: unknown = JSON.parse('{"__proto__": 1}');
    assert.equal(validate(hostile, JSON.parse('{"__proto__": 1}')), undefined);
    assert.deepEqual(Object.keys(validate(hostile, {}) as object), ["__proto__"]);
  });

  it("lets undefined pass what is optional, and nothing else", () => {
    assert.equal(validate({ a: ["optional", "str", "between", 3, 8] }, {}), undefined);
    assert.deepEqual(validate({ a: ["str", "optional"] }, { a: null }), { a: ["str"] });
  });

  it("refuses a pattern it does not know, whatever the value", () => {
    const patterns = [
      ["text"],
      [1],
      [undefined],
      ["between", 1],
      ["size"],
      ["pick", 2, "a"],
      ["pick", "a"],
      undefined,
      { a: undefined },
    ];
    for (const pattern of patterns) assert.throws(() => validate(pattern, { a: 1 }), { code: "BAD_PATTERN" });
    assert.throws(() => validate(["str", "toString"], 1), { code: "BAD_PATTERN" });
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    assert.throws(() => validate(cyclic, cyclic), { code: "BAD_PATTERN" });
  });
});
