import fc from "fast-check";
import { DELETE } from "./index.js";

/** Plain values of every kind that text can hold, hostile keys and marks among them. */
export const plainValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, "", "a", 0, -0, 1.5),
    fc.integer(),
    fc.string(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(keys(), tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

function keys(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom("a", "b", "$", "$fn", "$delete", "$$x", "$residue", "constructor", "handler", "handlers"),
    fc.string({ maxLength: 3 }),
  );
}

/** Values that fit together: every key has one type, so that no two of them clash. */
export const fitting: fc.Arbitrary<Record<string, unknown>> = fc.record(
  {
    n: fc.integer({ min: -1000, max: 1000 }),
    s: fc.oneof(fc.string(), fc.constant(null)),
    gone: fc.oneof(fc.boolean(), fc.constant(DELETE)),
    list: fc.oneof(fc.array(fc.integer()), fc.constant(null), fc.constant(DELETE)),
    inner: fc.record(
      { x: fc.integer({ min: 0, max: 9 }), y: fc.oneof(fc.string(), fc.constant(DELETE)) },
      { requiredKeys: [], noNullPrototype: true },
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);
