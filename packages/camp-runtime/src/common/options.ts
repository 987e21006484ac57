import { CampError } from "camp-session";
import { delayMsMax } from "./timers.js";

/** An option has a value that makes no sense. Thrown before anything starts. */
export class OptionsError extends CampError {
  override readonly name = "OptionsError";
  /** The option's full name, such as `backpressure.highWaterMark`. */
  readonly option: string;
  constructor(option: string, problem: string) {
    super("BAD_OPTION", `option "${option}" ${problem}`);
    this.option = option;
  }
}

/** One row of a table of options: what an absent option means, and what a present one may be. */
export interface Column<T> {
  /** The value of an option that was not given. */
  absent(): T;
  /** The value to use; throws {@link OptionsError} for one that makes no sense. `option` is the full name. */
  check(value: unknown, option: string): T;
}

/** A table of options. Whatever is not in it is refused. */
export type OptionTable = Readonly<Record<string, Column<unknown>>>;

/** What {@link checkOptions} makes of a table: every option, with its default where none was given. */
export type Resolved<T extends OptionTable> = { readonly [K in keyof T]: T[K] extends Column<infer V> ? V : never };

/**
 * Checks `given` against a table. An option that is absent or `undefined` has its default.
 * @param where what the options belong to: the prefix of their names in errors, empty at the top
 * @throws {OptionsError} for an unknown option and for a value outside its range
 */
export function checkOptions<T extends OptionTable>(table: T, given: unknown, where = ""): Resolved<T> {
  if (given !== undefined && !isObject(given)) {
    throw new OptionsError(where || "options", `must be an object, not ${describe(given)}`);
  }
  const values: Readonly<Record<string, unknown>> = given ?? {};
  for (const name of Object.keys(values)) {
    if (Object.hasOwn(table, name)) continue;
    throw new OptionsError(fullName(where, name), `is unknown; known are ${Object.keys(table).join(", ")}`);
  }
  const resolved: Record<string, unknown> = {};
  for (const [name, column] of Object.entries(table)) {
    const value = values[name];
    resolved[name] = value === undefined ? column.absent() : column.check(value, fullName(where, name));
  }
  return resolved as Resolved<T>;
}

/** A whole number from `min` to `max`. `unit` is the plural used in errors. */
export function integer(
  absent: number,
  unit: string,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): Column<number> {
  return column(absent, (value, option) => {
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new OptionsError(option, `must be a whole number of ${unit} ${range}, not ${describe(value)}`);
  });
}

/** A time in whole milliseconds, from 1 to 24 days. */
export function milliseconds(absent: number): Column<number> {
  return integer(absent, "milliseconds", 1, delayMsMax);
}

export function boolean(absent: boolean): Column<boolean> {
  return column(absent, (value, option) => {
    if (typeof value === "boolean") return value;
    throw new OptionsError(option, `must be true or false, not ${describe(value)}`);
  });
}

/** One of a few texts. */
export function oneOf<const T extends string>(absent: T, choices: readonly T[]): Column<T> {
  return column(absent, (value, option) => {
    if (choices.includes(value as T)) return value as T;
    throw new OptionsError(option, `must be one of ${choices.join(", ")}, not ${describe(value)}`);
  });
}

/** An option that may stay absent: it is then `undefined`, whatever the default of `inner`. */
export function optional<T>(inner: Column<T>): Column<T | undefined> {
  return { absent: () => undefined, check: (value, option) => inner.check(value, option) };
}

/** A function. Absent means `undefined`. */
export function callback<T extends (...args: never[]) => unknown>(): Column<T | undefined> {
  return column<T | undefined>(undefined, (value, option) => {
    if (typeof value === "function") return value as T;
    throw new OptionsError(option, `must be a function, not ${describe(value)}`);
  });
}

/** An object that `accepts` recognises; `what` names it in errors. Absent means `undefined`. */
export function object<T>(what: string, accepts: (value: object) => boolean): Column<T | undefined> {
  return column<T | undefined>(undefined, (value, option) => {
    if (isObject(value) && accepts(value)) return value as T;
    throw new OptionsError(option, `must be ${what}, not ${describe(value)}`);
  });
}

/** Options within an option. `finish` may turn them into another shape and refuse combinations. */
export function group<T extends OptionTable>(table: T): Column<Resolved<T>>;
export function group<T extends OptionTable, R>(
  table: T,
  finish: (values: Resolved<T>, option: string) => R,
): Column<R>;
export function group<T extends OptionTable>(
  table: T,
  finish: (values: Resolved<T>, option: string) => unknown = (values) => values,
): Column<unknown> {
  const absent = finish(checkOptions(table, undefined), "");
  return {
    absent: () => absent,
    check: (value, option) => finish(checkOptions(table, value, option), option),
  };
}

/** An option of its own kind. `check` returns the value to use or throws {@link OptionsError}. */
export function column<T>(absent: T, check: (value: unknown, option: string) => T): Column<T> {
  return { absent: () => absent, check };
}

/** What a value is, for errors: never its content, which may be a secret, unless it is a number. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  switch (typeof value) {
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "string":
      return value === "" ? "an empty string" : "a string";
    case "object":
      return "an object";
    default:
      return `a ${typeof value}`;
  }
}

function fullName(where: string, name: string): string {
  return where === "" ? name : `${where}.${name}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
