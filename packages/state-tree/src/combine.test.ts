import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { combine, DELETE, HandlerError, h, Residue, StateTreeError, type StateTreeErrorCode } from "./index.js";

const date = new Date(0);
const later = new Date(1);
const fn = (): number => 1;
const other = (): number => 2;

/** The rows of the table: a, b, what they come to. */
const table: readonly (readonly [string, unknown, unknown, unknown])[] = [
  ["undefined changes nothing", 5, undefined, 5],
  ["undefined is replaced", undefined, [1], [1]],
  ["null is replaced", null, { a: 1 }, { a: 1 }],
  ["null stays null", null, null, null],
  ["null empties an array", [1], null, []],
  ["null empties an object", { a: 1 }, null, {}],
  ["null makes a number 0", 5, null, 0],
  ["null empties a string", "a", null, ""],
  ["null negates", false, null, true],
  ["arrays are concatenated", [1], [2, [3]], [1, 2, [3]]],
  ["other values are appended", [1], "a", [1, "a"]],
  ["instances are appended", [1], date, [1, date]],
  ["objects are merged", { a: 1, b: { c: 1 } }, { b: { c: 2, d: 3 }, e: 4 }, { a: 1, b: { c: 3, d: 3 }, e: 4 }],
  ["DELETE removes a key", { a: 1, b: 2 }, { a: DELETE }, { b: 2 }],
  ["DELETE of what is not there does nothing", { a: 1 }, { b: DELETE }, { a: 1 }],
  ["DELETE stays in nothing that is new", {}, { a: { b: DELETE, c: [DELETE, 1] } }, { a: { c: [1] } }],
  ["DELETE stays in nothing that was there", { a: { b: DELETE } }, { c: 1 }, { a: {}, c: 1 }],
  ["DELETE is not appended", [1], DELETE, [1]],
  ["DELETE alone is nothing", undefined, DELETE, undefined],
  ["numbers are added", 1, 2, 3],
  ["strings are replaced", "a", "b", "b"],
  ["booleans are replaced", true, false, false],
  ["functions are replaced", fn, other, other],
  ["an instance replaces an object", { a: 1 }, date, date],
  ["an instance replaces an instance", date, later, later],
  ["null makes an instance null", date, null, null],
  ["a residue replaces everything", { a: 1 }, new Residue(7), 7],
  ["a message without a core is an object", { a: 1 }, { handler: "b" }, { a: 1, handler: "b" }],
];

function fails(code: StateTreeErrorCode, message: RegExp, run: () => unknown): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof StateTreeError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

describe("combine", () => {
  for (const [row, a, b, result] of table) {
    it(`of two values: ${row}`, () => assert.deepEqual(combine(a, b), result));
  }

  it("makes a function that does nothing of a function and null", () => {
    const emptied = combine(fn, null) as () => unknown;
    assert.equal(emptied(), undefined);
  });

  it("shares what did not change and copies no instance", () => {
    const a = { same: { x: 1 }, date };
    const result = combine(a, { n: 1 });
    assert.equal(result.same, a.same);
    assert.equal(result.date, date);
    assert.equal(combine(a, undefined), a);
  });

  it("names both values, their types and the path when there is no row for them", () => {
    fails("MISMATCH", /a number, 1, with a string, "x" at a\.b$/, () => combine({ a: { b: 1 } }, { a: { b: "x" } }));
    fails("MISMATCH", /an instance of Date.* with an object, \{x: 1\}/, () => combine(date, { x: 1 }));
    fails("MISMATCH", /an object, \{\}, with an array, \[1\]/, () => combine({}, [1]));
    for (const [a, b] of [
      [1n, 1n],
      [Symbol(), Symbol()],
      [{}, DELETE],
      [1, true],
      ["a", []],
      [1n, null],
    ] as const) {
      fails("MISMATCH", /cannot combine/, () => combine(a, b));
    }
  });

  it("shows hostile values as short harmless text", () => {
    fails("MISMATCH", /^[\x20-\x7e…]{1,200}$/, () => combine(1, `\u001b[31m\u202e\n${"x".repeat(1e6)}`));
    const key = `<b>\u0000${"k".repeat(1e6)}`;
    fails("MISMATCH", /^[\x20-\x7e…]{1,300}$/, () => combine({ [key]: 1 }, { [key]: "a" }));
  });

  it("takes own keys only, and drops __proto__ at any depth", () => {
    const hostile: unknown = JSON.parse('{"__proto__": {"x": 1}, "a": {"__proto__": {"y": 1}, "b": 1}}');
    for (const result of [combine({}, hostile), combine(hostile, {}), combine(undefined, hostile)]) {
      assert.deepEqual(result, { a: { b: 1 } });
      assert.equal(Object.getPrototypeOf(result), Object.prototype);
    }
    assert.equal(({} as Record<string, unknown>).x, undefined);
    assert.deepEqual(combine({}, { toString: 1 }), { toString: 1 });
    const core = h(() => [], "own");
    fails("UNKNOWN_HANDLER", /no handler toString; known are own/, () => combine(core, { handler: "toString" }));
  });

  it("refuses values that contain themselves or are nested without end", () => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = [cyclic];
    for (const run of [() => combine({}, { cyclic }), () => combine(cyclic, {}), () => combine(cyclic, cyclic)]) {
      fails("BAD_VALUE", /contains itself|nested deeper/, run);
    }
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    fails("BAD_VALUE", /nested deeper than 500/, () => combine(undefined, deep));
  });

  it("looks at a part that is shared very often once", () => {
    let shared: unknown = { gone: DELETE };
    for (let level = 0; level < 60; level++) shared = { left: shared, right: shared };
    assert.deepEqual(Object.keys(combine({}, { shared }) as object), ["shared"]);
  });

  it("reduces a list, a list with rules, and more values than two", () => {
    assert.equal(combine([1, 2, 3]), 6);
    assert.equal(combine([]), undefined);
    assert.equal(combine(1, 2, 3), 6);
    assert.deepEqual(
      combine([{ n: 1 }, { n: 5 }, { n: 3 }], (_, b) => b),
      { n: 3 },
    );
    assert.deepEqual(combine([1], undefined), [1]);
    fails("BAD_ARGUMENT", /takes a list, not a number/, () => combine(1 as never));
  });
});

describe("the rules of combine.with", () => {
  const max = combine.with({
    rules: (a, b) => (typeof a === "number" && typeof b === "number" ? Math.max(a, b) : undefined),
  });

  it("override scalars at any depth and in cascades, and leave the rest to the table", () => {
    assert.deepEqual(max({ a: { n: 5 }, s: "a" }, { a: { n: 3 }, s: "b" }), { a: { n: 5 }, s: "b" });
    const core = { ...h(() => [{ n: 2 }], "set"), n: 7 };
    assert.equal((max(core, { handler: "set" }) as { n: number }).n, 7);
  });

  it("make reducers of two values, even of an array and a function", () => {
    assert.deepEqual(combine.with()([1], fn), [1, fn]);
    assert.throws(() => combine.with({ cascadeLimit: 0 }), { code: "BAD_ARGUMENT" });
    assert.throws(() => combine.with({ rules: 1 as never }), { code: "BAD_ARGUMENT" });
  });
});

describe("a message", () => {
  it("is handled by its core, and what the handler returns is combined depth first", () => {
    const core = {
      ...combine(
        h(() => [{ log: ["a1"] }, { handler: "b" }, { log: ["a2"] }], "a"),
        h(() => [{ log: ["b"] }], "b"),
      ),
      log: [],
    };
    assert.deepEqual((combine(core, { handler: "a" }) as unknown as { log: unknown }).log, ["a1", "b", "a2"]);
  });

  it("sees the state that what came before it has made", () => {
    const core = { ...h((seen: { n: number }) => [{ n: seen.n }], "double"), n: 1 };
    assert.equal(combine<typeof core>(core, { handler: "double" }, { handler: "double" }).n, 4);
  });

  it("finds a core at any depth", () => {
    const core = { inner: { ...h(() => [{ n: 1 }], "inc"), n: 0 } };
    assert.equal(combine(core, { inner: { handler: "inc" } }).inner.n, 1);
  });

  it("whose handler returns no list fails, and names the chain", () => {
    const core = combine(
      h(() => [{ handler: "second" }], "first"),
      h(() => Promise.resolve([]), "second"),
    );
    assert.throws(
      () => combine(core, { handler: "first" }),
      (error) => {
        assert.ok(error instanceof HandlerError);
        assert.deepEqual([error.code, error.handler, error.chain], ["HANDLER_FAILED", "second", ["first", "second"]]);
        assert.ok(error.returned instanceof Promise);
        assert.match(error.message, /returned an instance of Promise.*first → second/);
        return true;
      },
    );
  });

  it("passes on what its handler throws, whatever it is", () => {
    const core = h(() => {
      throw "not even an error";
    }, "bad");
    assert.throws(
      () => combine(core, { handler: "bad" }),
      (error) => error === "not even an error",
    );
  });

  it("that is not known is refused with the names that are", () => {
    fails("UNKNOWN_HANDLER", /no handler nope; known are a, b$/, () =>
      combine(combine(h(fn, "a"), h(fn, "b")), { handler: "nope" }),
    );
    fails("UNKNOWN_HANDLER", /known are none/, () => combine({ handlers: {} }, { handler: "a" }));
    fails("UNKNOWN_HANDLER", /no handler a/, () => combine({ handlers: { a: 1 } }, { handler: "a" }));
  });

  it("that sets off messages without end is stopped, be they deep or many", () => {
    const again = h(() => [{ handler: "again" }], "again");
    fails("CASCADE_LIMIT", /more than 1000 handlers.*again → again → again → again → … → again/, () =>
      combine(again, { handler: "again" }),
    );
    const twice = h(() => [{ handler: "twice" }, { handler: "twice" }], "twice");
    fails("CASCADE_LIMIT", /1000/, () => combine(twice, { handler: "twice" }));
    const down = { ...h(({ n }: { n: number }) => (n > 1 ? [{ n: -1 }, { handler: "down" }] : []), "down"), n: 3 };
    assert.equal((combine.with({ cascadeLimit: 3 })(down, { handler: "down" }) as { n: number }).n, 1);
    fails("CASCADE_LIMIT", /2/, () => combine.with({ cascadeLimit: 2 })(down, { handler: "down" }));
  });
});

describe("h", () => {
  it("takes the function's name or another", () => {
    assert.deepEqual(h(fn), { handlers: { fn: { handle: fn } } });
    assert.deepEqual(h(fn, "other"), { handlers: { other: { handle: fn } } });
  });

  it("refuses what has no name and what is no function", () => {
    fails("BAD_ARGUMENT", /needs a name/, () => h(() => []));
    fails("BAD_ARGUMENT", /needs a name/, () => h(fn, "__proto__"));
    fails("BAD_ARGUMENT", /not a number/, () => h(1 as never));
  });
});
