import { OptionsError } from "./options.js";

/**
 * The options that the last two arguments of `cryo(host, bearer, …)` mean: an object, or `use_cale` and `timeout` one by one.
 *
 * @throws {OptionsError} for a timeout beside an object, which has a place for it
 */
export function cryoOptions<Options extends object>(options: Options | boolean | undefined, timeout?: number) {
  if (typeof options !== "object") {
    return { ...(options !== undefined && { use_cale: options }), ...(timeout !== undefined && { timeout }) };
  }
  if (timeout === undefined) return options;
  throw new OptionsError("timeout", "belongs to the options");
}
