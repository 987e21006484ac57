import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { randomBelow } from "../random.js";
import { codecs } from "./codecs.js";
import { readCorpus, readVectors } from "./corpus.js";
import { mutate } from "./mutate.js";
import { checkInput } from "./search.js";

const seed = Number(process.env.FUZZ_SEED ?? 20_261_128);

for (const codec of codecs) {
  describe(`the codec of ${codec.name}`, () => {
    const corpus = [...readCorpus(codec)];
    const inputs = [...corpus.map(([, input]) => input), ...readVectors(codec)];

    it("holds for every input that was ever kept", () => {
      assert.ok(corpus.length > 5, `only ${corpus.length} inputs`);
      for (const input of inputs) checkInput(codec, input);
    });

    it(`holds for 20 000 changed ones (seed ${seed})`, () => {
      const random = randomBelow(seed);
      for (let count = 0; count < 20_000; count++) {
        checkInput(codec, mutate(inputs[random(inputs.length)]!, inputs, random));
      }
    });
  });
}
