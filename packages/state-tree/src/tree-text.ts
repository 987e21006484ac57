import { DELETE } from "./clean.js";
import { StateTreeError } from "./errors.js";
import { isPlain, type Plain } from "./plain.js";
import { Residue } from "./residue.js";
import { keyText, nameOfKind } from "./show.js";
import { depthMax } from "./walk.js";

/** Functions by name: what the text form of a tree refers to instead of holding code. */
export type Registry = Readonly<Record<string, (...args: never[]) => unknown>>;

/** The text form of a list form: JSON in which functions are named and a few values are marked by a sole key with `$`. */
export function toText(list: readonly unknown[], registry: Registry): string {
  return new Writer(registry).text(list);
}

/** The list form that a text holds. Functions are those of the registry; nothing in the text is run. */
export function fromText(text: string, registry: Registry): unknown[] {
  const list = parsed(text);
  if (!Array.isArray(list))
    throw new StateTreeError("BAD_TEXT", `the text of a tree holds a list, not ${nameOfKind(list)}`);
  return list.map((value) => revived(value, registry, 0));
}

class Writer {
  readonly #registry: Registry;
  readonly #path: string[] = [];

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  text(value: unknown): string {
    if (value === DELETE) return '{"$delete":true}';
    if (typeof value === "function") return `{"$fn":${JSON.stringify(this.#nameOf(value))}}`;
    if (value instanceof Residue) return `{"$residue":${this.#under("$residue", value.value)}}`;
    if (Array.isArray(value))
      return `[${Array.from(value, (part, index) => this.#under(String(index), part)).join(",")}]`;
    if (isPlain(value)) return this.#object(value);
    return this.#scalar(value);
  }

  #object(value: Plain): string {
    if (Object.getOwnPropertySymbols(value).length > 0) throw this.#error("keys that are symbols");
    const keys = Object.keys(value);
    const mark = keys.length === 1 && keys[0]!.startsWith("$") ? "$" : "";
    return `{${keys.map((key) => `${JSON.stringify(mark + key)}:${this.#under(key, value[key])}`).join(",")}}`;
  }

  #under(key: string, value: unknown): string {
    if (this.#path.length > depthMax) throw this.#error(`more than ${depthMax} levels`);
    this.#path.push(key);
    const text = this.text(value);
    this.#path.pop();
    return text;
  }

  #scalar(value: unknown): string {
    if (typeof value === "number" && Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
    if (value === null || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
    throw this.#error(typeof value === "number" ? String(value) : nameOfKind(value));
  }

  /** A handler is called as its messages call it, another function by its own name. */
  #nameOf(fn: { readonly name: string }): string {
    const [parent, key, handle] = this.#path.slice(-3);
    const name = parent === "handlers" && handle === "handle" ? key! : fn.name;
    const known = Object.hasOwn(this.#registry, name) ? this.#registry[name] : undefined;
    if (known === fn) return name;
    const why = known === undefined ? "that is not in the registry" : "and the registry has another of that name";
    throw this.#error(`the function ${keyText(name)}, ${why}`);
  }

  #error(what: string): StateTreeError {
    return new StateTreeError(
      "NOT_JSON",
      `the text of a tree cannot hold ${what} (at ${this.#path.map(keyText).join(".")})`,
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // What the engine says quotes the text, which may hold what nobody should read.
    const where = /position \d+/.exec(String(error))?.[0];
    throw new StateTreeError("BAD_TEXT", `the text of a tree is not JSON${where === undefined ? "" : ` at ${where}`}`);
  }
}

function revived(value: unknown, registry: Registry, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > depthMax) throw new StateTreeError("BAD_TEXT", `the text of a tree has more than ${depthMax} levels`);
  const inner = (part: unknown): unknown => revived(part, registry, depth + 1);
  if (Array.isArray(value)) return value.map(inner);
  const entries = Object.entries(value);
  const [key, part] = entries[0] ?? [""];
  if (entries.length !== 1 || !key.startsWith("$")) {
    // Not an assignment: the text may have a key called __proto__.
    return Object.fromEntries(entries.map(([name, each]) => [name, inner(each)]));
  }
  if (key.startsWith("$$")) return { [key.slice(1)]: inner(part) };
  if (key === "$residue") return new Residue(inner(part));
  if (key === "$delete" && part === true) return DELETE;
  if (key === "$fn" && typeof part === "string") return registered(part, registry);
  throw new StateTreeError(
    "BAD_TEXT",
    `the text of a tree has the mark ${keyText(key)}, which means nothing as it stands`,
  );
}

function registered(name: string, registry: Registry): unknown {
  const fn = Object.hasOwn(registry, name) ? registry[name] : undefined;
  if (typeof fn === "function") return fn;
  throw new StateTreeError("BAD_TEXT", `the text names the function ${keyText(name)}, which is not in the registry`);
}
