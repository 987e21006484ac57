import { OptionsError } from "./options.js";

/**
 * The options that the last two arguments of `cryo(host, bearer, …)` mean: an object, or `use_cale` and `timeout` one by one. One that is
 * `undefined` has its default.
 *
 * @throws {OptionsError} for a timeout beside an object, which has a place for it
 */
export function cryoOptions<Options extends { readonly use_cale?: boolean; readonly timeout?: number }>(
  options: Options | boolean | undefined,
  timeout?: number,
): Options {
  if (typeof options !== "object") return { use_cale: options, timeout } as Options;
  if (timeout === undefined) return options;
  throw new OptionsError("timeout", "belongs to the options");
}
