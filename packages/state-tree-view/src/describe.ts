import { isPlain, keyText, Residue, show } from "state-tree";

/** A value in two lines: what kind of message it is, and what it holds. */
export interface Description {
  /** The handler of a message, the first key of another object, else the type. Kinds have colours. */
  readonly kind: string;
  readonly text: string;
}

/** Characters that a node keeps of its value; filters look at no more. */
const textMax = 300;

/** Items that are listed of one array or object, and lines in all. */
const itemsMax = 100;
const linesMax = 500;

const levelsMax = 8;

/** Parts that fit into so many characters stay on one line. */
const shortMax = 60;

/** Describes a value, whatever it is; the texts hold no character that does more than show. */
export function describe(value: unknown): Description {
  try {
    return { kind: kindOf(value), text: textOf(value) };
  } catch {
    // An instance of a class may do what it likes when it is asked for its name.
    return { kind: "?", text: "cannot be shown" };
  }
}

function kindOf(value: unknown): string {
  if (value instanceof Residue) return "residue";
  if (Array.isArray(value)) return "list";
  if (!isPlain(value)) return typeof value === "object" ? show(value) : typeof value;
  if (typeof value.handler === "string" && Object.hasOwn(value, "handler")) return keyText(value.handler);
  const [first] = Object.keys(value);
  return first === undefined ? "{}" : keyText(first);
}

function textOf(value: unknown): string {
  if (value instanceof Residue) return show(value.value, textMax);
  if (!isPlain(value)) return show(value, textMax);
  // The kind says it already.
  const { handler, ...others } = value;
  const rest = typeof handler === "string" ? others : value;
  return show(rest, textMax).slice(1, -1);
}

/** A value in lines, a line for each part and indented by depth. What is left out says so. */
export function linesOf(value: unknown): string[] {
  const lines: string[] = [];
  try {
    addLines(lines, "", value, 0);
  } catch {
    lines.push("cannot be shown");
  }
  return lines.length <= linesMax ? lines : [...lines.slice(0, linesMax), "…"];
}

function addLines(lines: string[], name: string, value: unknown, level: number): void {
  if (lines.length > linesMax) return;
  const indent = "  ".repeat(level);
  const shown = value instanceof Residue ? value.value : value;
  const short = show(shown, shortMax);
  if ((!Array.isArray(shown) && !isPlain(shown)) || level === levelsMax || (level > 0 && !short.includes("…"))) {
    lines.push(indent + name + leafText(shown));
    return;
  }
  const keys = handlersLast(Object.keys(shown));
  const [opening, closing] = Array.isArray(shown) ? ["[", "]"] : ["{", "}"];
  lines.push(indent + name + opening);
  for (const key of keys.slice(0, itemsMax)) {
    const label = Array.isArray(shown) ? "" : `${keyText(key)}: `;
    addLines(lines, label, (shown as Record<string, unknown>)[key], level + 1);
  }
  if (keys.length > itemsMax) lines.push(`${indent}  … ${keys.length - itemsMax} more`);
  lines.push(indent + closing);
}

/** What a state says comes before what it could do. */
function handlersLast(keys: readonly string[]): readonly string[] {
  return keys.includes("handlers") ? [...keys.filter((key) => key !== "handlers"), "handlers"] : keys;
}

function leafText(value: unknown): string {
  const text = show(value, textMax);
  return typeof value === "string" && value.length > textMax ? `${text} (${value.length} characters)` : text;
}
