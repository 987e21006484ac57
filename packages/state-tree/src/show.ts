import { isPlain } from "./plain.js";

/** A value in an error is there to be recognised, not to be read whole. */
const charactersMax = 60;

// Characters that a terminal or a page would obey rather than show.
const unprintable = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/**
 * A value as one short line, whatever it holds: parts and characters beyond a few are left out, and what a terminal or page
 * would obey is escaped. For errors and for drawing.
 *
 * @param max - characters at most; 60 by default
 */
export function show(value: unknown, max = charactersMax): string {
  return shortened(rendered(value, 2, max), max);
}

/** What kind of value it is, with its article: `a number`, `an array`, `an instance of Date`. */
export function nameOfKind(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  if (isPlain(value)) return "an object";
  return typeof value === "object" ? `an instance of ${nameOfClass(value)}` : `a ${typeof value}`;
}

function rendered(value: unknown, levels: number, max: number): string {
  if (typeof value === "string") return escaped(value, max);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) {
    return levels === 0 ? "[…]" : `[${listed(value, (item) => rendered(item, levels - 1, max))}]`;
  }
  if (!isPlain(value)) return nameOfClass(value);
  if (levels === 0) return "{…}";
  return `{${listed(Object.keys(value), (key) => `${keyText(key)}: ${rendered(value[key], levels - 1, max)}`)}}`;
}

function listed<T>(items: readonly T[], text: (item: T) => string): string {
  return `${items.slice(0, 8).map(text).join(", ")}${items.length > 8 ? ", …" : ""}`;
}

/** A name of somebody's making: in quotes unless it is plain, cut, and without characters that do more than show. */
export function keyText(key: string): string {
  return /^[\w$]{1,40}$/.test(key) ? key : shortened(escaped(key, charactersMax), charactersMax);
}

/** A text in which what a terminal or page would obey is escaped: control characters, and those that turn others round or are not seen. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function nameOfClass(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  const name: unknown = (prototype as { constructor?: { name?: unknown } } | null)?.constructor?.name;
  return typeof name === "string" && name !== "" ? shortened(name, charactersMax) : "object";
}

function escaped(text: string, max: number): string {
  return printable(JSON.stringify(text.slice(0, max + 1)));
}

function shortened(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
