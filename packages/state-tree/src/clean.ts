import { isContainer, type Plain } from "./plain.js";
import { Walk } from "./walk.js";

/** As a value of a key: remove this key. It stays in no result. */
export const DELETE: unique symbol = Symbol.for("DeleteProperty") as never;

/**
 * The value as it may stand in a result: without `DELETE` and `__proto__`, at any depth. It is the same value when it had
 * neither, and a copy of the parts concerned otherwise.
 *
 * @throws {StateTreeError} `BAD_VALUE` for a value that contains itself or is nested deeper than 500 levels.
 */
export function clean(value: unknown): unknown {
  if (value === DELETE) return undefined;
  return isContainer(value) ? cleanParts(value, null) : value;
}

function cleanParts(container: object, outer: Walk | null): object {
  let walk = outer;
  let changed: Map<string, unknown> | null = null;
  const parts = container as Plain;
  for (const key of Object.keys(container)) {
    const part = parts[key];
    let result = part;
    if (part === DELETE || key === "__proto__") result = DELETE;
    else if (isContainer(part)) {
      walk ??= new Walk();
      result = cleanPart(part, walk);
    }
    if (result === part && result !== DELETE) continue;
    changed ??= new Map();
    changed.set(key, result);
  }
  return changed === null ? container : withChanges(container, changed);
}

function cleanPart(part: object, walk: Walk): unknown {
  if (!walk.enter(part)) return walk.resultOf(part);
  const result = cleanParts(part, walk);
  walk.leave(part, result);
  return result;
}

function withChanges(container: object, changed: ReadonlyMap<string, unknown>): object {
  const entries = Object.entries(container)
    .map(([key, part]) => [key, changed.has(key) ? changed.get(key) : part] as const)
    .filter(([, part]) => part !== DELETE);
  return Array.isArray(container) ? entries.map(([, part]) => part) : Object.fromEntries(entries);
}
