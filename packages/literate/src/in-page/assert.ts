// What literate pages get for `node:assert/strict`: assertions whose outcome is shown below the block that they stand in.

import assert from "browser-testing/assert";
import { placeIn, results } from "./results.js";

type Assertion = (...args: never[]) => unknown;

/** The assertion, telling what it came to; what it throws it still throws. */
function told<F extends Assertion>(assertion: F): F {
  const telling = (...args: Parameters<F>): unknown => {
    const place = placeIn(new Error().stack);
    const failed = (error: unknown): never => {
      results.tell({ ...place, error });
      throw error;
    };
    const held = (): void => results.tell({ ...place, error: null });
    try {
      const returned = assertion(...args);
      if (returned instanceof Promise) return returned.then(held, failed);
      held();
      return returned;
    } catch (error) {
      return failed(error);
    }
  };
  return telling as F;
}

const methods = Object.entries(assert as unknown as Record<string, Assertion>).map(([name, method]) => [
  name,
  told(method),
]);

export default Object.assign(told(assert as Assertion), Object.fromEntries(methods)) as typeof assert;
