/**
 * Checks of what users pass in. A wrong type throws at the call, before anything happens (rules 6); the message names the
 * parameter and the kind of the value, never the value, which may be a secret.
 */
export function expectString(name: string, value: unknown): asserts value is string {
  if (typeof value !== "string") throw wrongType(name, "a string", value);
}

export function expectFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") throw wrongType(name, "a function", value);
}

export function expectBigint(name: string, value: unknown): asserts value is bigint {
  if (typeof value !== "bigint") throw wrongType(name, "a bigint", value);
}

/** An options object, or undefined. */
export function expectOptions(name: string, value: unknown): void {
  if (value !== undefined && (typeof value !== "object" || value === null)) throw wrongType(name, "an object", value);
}

/** Milliseconds, at least `min`; undefined for none and for `Infinity`, which means the same. */
export function toTimeout(name: string, value: unknown, min: number): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number") throw wrongType(name, "a number of milliseconds", value);
  if (!(value >= min)) throw new RangeError(`${name} must be ${min} or more milliseconds, got ${value}`);
  return value === Number.POSITIVE_INFINITY ? undefined : value;
}

/** An AbortSignal of any realm, or undefined. */
export function expectSignal(name: string, value: unknown): void {
  if (value === undefined) return;
  if (typeof value !== "object" || value === null || !("aborted" in value) || !("addEventListener" in value)) {
    throw wrongType(name, "an AbortSignal", value);
  }
}

export function wrongType(name: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${name} must be ${expected}, got ${kindOf(value)}`);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  const maker: unknown = value.constructor;
  return typeof maker === "function" && maker.name !== "" ? `an instance of ${maker.name}` : "an object";
}
