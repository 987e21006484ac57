import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codecs } from "./codecs.js";
import { readVectors } from "./corpus.js";
import { Fault, search } from "./search.js";

const seed = 20_261_128;

describe("the search", () => {
  const [codec] = codecs;

  it("finds its way from one input to most of what the corpus reaches", () => {
    const [start] = readVectors(codec!);
    const few = search(codec!, [start!], { seed, inputs: 0 });
    const many = search(codec!, [start!], { seed, inputs: 300 });
    assert.ok(many.paths > 2 * few.paths, `${few.paths} paths became ${many.paths}`);
    assert.ok(many.found.length > 5);
  });

  it("tells the input that shows a fault", () => {
    const faulty = {
      ...codec!,
      check: (bytes: Uint8Array) => {
        codec!.check(bytes);
        if (bytes.length === 7) throw new RangeError("seven");
      },
    };
    const start = readVectors(codec!).filter((input) => input.length !== 7);
    assert.throws(
      () => search(faulty, start, { seed, inputs: 10_000 }),
      (error: unknown) => error instanceof Fault && /RangeError: seven; input (?:[0-9a-f]{2}){7}$/.test(error.message),
    );
  });
});
