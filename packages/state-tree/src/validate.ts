import { StateTreeError } from "./errors.js";
import { isPlain, type Plain } from "./plain.js";
import { nameOfKind, show } from "./show.js";
import { depthMax } from "./walk.js";

/**
 * What a value is checked against: a literal, which must be equal; an object of patterns, whose keys the value must have as
 * its own (it may have more); or a list of words that must all hold.
 */
export type Pattern = unknown;

/** A word of a pattern with its arguments, as it was spelt. */
interface Check {
  readonly tokens: readonly unknown[];
  readonly holds: (value: unknown) => boolean;
}

const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
  str: (value) => typeof value === "string",
  num: Number.isFinite,
  int: Number.isInteger,
  bool: (value) => typeof value === "boolean",
  fun: (value) => typeof value === "function",
  arr: Array.isArray,
  obj: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  undef: (value) => value === undefined,
};

const spelt: Readonly<Record<string, string>> = {
  string: "str",
  number: "num",
  integer: "int",
  boolean: "bool",
  function: "fun",
  array: "arr",
  object: "obj",
  undefined: "undef",
};

/**
 * Compares a value with a pattern. Undefined means that it matches; otherwise the pattern comes back, cut to what failed: the
 * literal, a list of the first word that does not hold and its arguments, or an object of the failing keys.
 *
 * Words: `str num int bool fun arr obj undef`, `optional` (undefined passes, whatever the others say), `"between", low, high`
 * (of a number, or the length of a string, both inclusive), `"size", n` (length of a string or array, bytes, or keys),
 * `"pick", n, …` (one of the n that follow). `num` means finite.
 *
 * @throws {StateTreeError} `BAD_PATTERN` for an unknown word, wrong arguments of one, or undefined as a literal
 */
export function validate(pattern: Pattern, value: unknown): unknown {
  return compared(pattern, value, 0);
}

function compared(pattern: Pattern, value: unknown, depth: number): unknown {
  if (depth > depthMax) throw bad(`more than ${depthMax} levels`);
  if (pattern === undefined) throw bad('undefined; the word is "undef"');
  if (Array.isArray(pattern)) return firstFailing(pattern, value, depth);
  if (isPlain(pattern)) return failingKeys(pattern, value, depth);
  return isEqual(pattern, value) ? undefined : pattern;
}

function failingKeys(pattern: Plain, value: unknown, depth: number): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return pattern;
  const failed: [string, unknown][] = [];
  for (const [key, part] of Object.entries(pattern)) {
    const own = Object.hasOwn(value, key) ? (value as Plain)[key] : undefined;
    const rest = compared(part, own, depth + 1);
    if (rest !== undefined) failed.push([key, rest]);
  }
  return failed.length === 0 ? undefined : Object.fromEntries(failed);
}

function firstFailing(words: readonly unknown[], value: unknown, depth: number): unknown {
  const checks: Check[] = [];
  let optional = false;
  for (let index = 0; index < words.length; ) {
    const check = checkFrom(words.slice(index), depth);
    if (check.tokens[0] === "optional") optional = true;
    else checks.push(check);
    index += check.tokens.length;
  }
  if (optional && value === undefined) return undefined;
  return checks.find(({ holds }) => !holds(value))?.tokens;
}

/** The first word of a list, with as many tokens as it takes. */
function checkFrom(words: readonly unknown[], depth: number): Check {
  const [word, first, second] = words;
  const name = typeof word === "string" ? (Object.hasOwn(spelt, word) ? spelt[word]! : word) : "";
  if (Object.hasOwn(kinds, name)) return { tokens: [word], holds: kinds[name]! };
  if (name === "optional") return { tokens: [word], holds: () => true };
  if (name === "between") {
    if (typeof first !== "number" || typeof second !== "number") throw bad('"between" without two numbers');
    return { tokens: [word, first, second], holds: (value) => isBetween(value, first, second) };
  }
  if (name === "size") {
    if (typeof first !== "number") throw bad('"size" without a number');
    return { tokens: [word, first], holds: (value) => sizeOf(value) === first };
  }
  if (name === "pick") {
    const end = typeof first === "number" && Number.isInteger(first) && first >= 0 ? 2 + first : Number.NaN;
    if (!(end <= words.length)) throw bad('"pick" without a number n and n choices');
    const choices = words.slice(2, end);
    const holds = (value: unknown): boolean => choices.some((one) => compared(one, value, depth + 1) === undefined);
    return { tokens: words.slice(0, end), holds };
  }
  throw bad(typeof word === "string" ? `the unknown word ${show(word)}` : `${nameOfKind(word)} where a word is due`);
}

function isBetween(value: unknown, low: number, high: number): boolean {
  const measured = typeof value === "string" ? value.length : value;
  return typeof measured === "number" && low <= measured && measured <= high;
}

function sizeOf(value: unknown): number | undefined {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength;
  return isPlain(value) ? Object.keys(value).length : undefined;
}

function isEqual(one: unknown, other: unknown): boolean {
  return one === other || (Number.isNaN(one) && Number.isNaN(other));
}

function bad(what: string): StateTreeError {
  return new StateTreeError("BAD_PATTERN", `a pattern cannot hold ${what}`);
}
