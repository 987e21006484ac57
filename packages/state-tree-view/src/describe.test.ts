import assert from "node:assert/strict";
import { it, describe as suite } from "node:test";
import { h, Residue } from "state-tree";
import { describe, linesOf } from "./index.js";

suite("describe", () => {
  it("takes the handler of a message, the first key of another object, and else the type for the kind", () => {
    const kinds = [{ msg: "a", handler: "send" }, { open: true, state: 1 }, {}, 7, "text", [1], null, new Date(0)];
    assert.deepEqual(
      kinds.map((value) => describe(value).kind),
      ["send", "open", "{}", "number", "string", "list", "null", "Date"],
    );
    assert.deepEqual(describe(h(function connect() {})).kind, "handlers");
    assert.deepEqual(describe(new Residue({ open: true })), { kind: "residue", text: "{open: true}" });
  });

  it("leaves out of the text what the kind says already", () => {
    assert.deepEqual(describe({ handler: "send", msg: "hello" }), { kind: "send", text: 'msg: "hello"' });
    assert.deepEqual(describe({ handler: "close" }), { kind: "close", text: "" });
  });

  it("makes one short line of whatever it is given", () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":1},"a":"\\u0000\\u202e"}');
    hostile.long = "x".repeat(1_000_000);
    const { kind, text } = describe(hostile);
    assert.equal(kind, "__proto__");
    assert.ok(text.length <= 300, `${text.length}`);
    assert.match(text, /polluted: 1.*\\u0000\\u202e/);
    class Odd {
      get [Symbol.toStringTag](): string {
        throw new Error("asked");
      }
    }
    Object.defineProperty(Odd, "name", { get: () => assert.fail("asked") });
    assert.deepEqual(describe(new Odd()), { kind: "?", text: "cannot be shown" });
    assert.deepEqual(linesOf(new Odd()), ["cannot be shown"]);
  });
});

suite("linesOf", () => {
  it("gives each part a line, and short parts one line together", () => {
    const value = { handlers: { send: { handle: function send() {} } }, texts: ["a".repeat(40), "b".repeat(40)] };
    assert.deepEqual(linesOf(value), [
      "{",
      "  texts: [",
      `    "${"a".repeat(40)}"`,
      `    "${"b".repeat(40)}"`,
      "  ]",
      "  handlers: {send: {handle: function send}}",
      "}",
    ]);
  });

  it("says what it leaves out", () => {
    const lines = linesOf(Array.from({ length: 150 }, (_, index) => `${index}`.padEnd(70)));
    assert.deepEqual([lines.length, lines.at(-2)], [103, "  … 50 more"]);
    assert.match(linesOf("x".repeat(1_000_000))[0]!, /^"x{290,}… \(1000000 characters\)$/);
    let deep: object = { end: 1 };
    for (let level = 0; level < 400; level++) deep = { deep, "-": "x".repeat(80) };
    assert.ok(linesOf(deep).length < 40);
    const wide = Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => "x".repeat(80)));
    assert.equal(linesOf(wide).length, 501);
  });
});
