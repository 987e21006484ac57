import { cascade } from "./cascade.js";
import { clean, DELETE } from "./clean.js";
import { StateTreeError } from "./errors.js";
import { freezeNew } from "./freeze.js";
import { isCore, isMessage } from "./handlers.js";
import { isPlain, type Plain } from "./plain.js";
import { Residue } from "./residue.js";
import type { Path, Run } from "./run.js";
import { keyText, nameOfKind, show } from "./show.js";

/**
 * One application of the table: `b` acts on `a`, which is clean already (see `clean`). Neither is changed; what stands in
 * the result is clean.
 */
export function step(a: unknown, b: unknown, run: Run, path: Path | null): unknown {
  if (b === undefined) return a;
  if (b instanceof Residue) return clean(b.value);
  if (a === undefined || a === null) return clean(b);
  if (Array.isArray(a)) return b === null ? [] : appended(a, b);
  if (typeof a === "object") return actOnObject(a, b, run, path);
  return actOnScalar(a, b, run, path);
}

function appended(a: readonly unknown[], b: unknown): unknown {
  if (b === DELETE) return a;
  const more = clean(b);
  return Array.isArray(more) ? a.concat(more) : [...a, more];
}

function actOnObject(a: object, b: unknown, run: Run, path: Path | null): unknown {
  const plain = isPlain(a);
  if (b === null) return plain ? {} : null;
  if (typeof b !== "object" || Array.isArray(b)) throw mismatch(a, b, path);
  if (!isPlain(b)) return b;
  if (!plain) throw mismatch(a, b, path);
  if (isMessage(b) && isCore(a)) return cascade(a, b, run, path);
  return merged(a, b, run, path);
}

function merged(a: Plain, b: Plain, run: Run, path: Path | null): Plain {
  const result: Record<PropertyKey, unknown> = { ...a, ...b };
  for (const key of Object.keys(b)) {
    const part = b[key];
    if (part === DELETE || key === "__proto__") delete result[key];
    else if (Object.hasOwn(a, key)) result[key] = settled(step(a[key], part, run, { key, above: path }), run);
    else if (typeof part === "object") result[key] = settled(clean(part), run);
  }
  return run.freezes ? Object.freeze(result) : result;
}

/** A part of a result that may be frozen as soon as it is made: then all of it is. */
function settled(part: unknown, run: Run): unknown {
  return run.freezes ? freezeNew(part) : part;
}

const nothing = (): void => {};

function actOnScalar(a: unknown, b: unknown, run: Run, path: Path | null): unknown {
  const kind = typeof a;
  if (b === null) {
    if (kind === "number") return 0;
    if (kind === "string") return "";
    if (kind === "boolean") return !a;
    if (kind === "function") return nothing;
    throw mismatch(a, b, path);
  }
  if (run.rules !== undefined && typeof b !== "object") {
    const ruled: unknown = run.rules(a, b);
    if (ruled !== undefined) return clean(ruled);
  }
  if (kind !== typeof b) throw mismatch(a, b, path);
  if (kind === "number") return (a as number) + (b as number);
  if (kind === "string" || kind === "boolean" || kind === "function") return b;
  throw mismatch(a, b, path);
}

function mismatch(a: unknown, b: unknown, path: Path | null): StateTreeError {
  const where = path === null ? "" : ` at ${pathText(path)}`;
  return new StateTreeError(
    "MISMATCH",
    `cannot combine ${nameOfKind(a)}, ${show(a)}, with ${nameOfKind(b)}, ${show(b)}${where}`,
  );
}

function pathText(path: Path): string {
  const keys: string[] = [];
  for (let at: Path | null = path; at !== null; at = at.above) keys.unshift(keyText(at.key));
  return keys.join(".");
}
