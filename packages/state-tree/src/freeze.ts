import { isContainer, type Plain } from "./plain.js";
import { Walk } from "./walk.js";

/**
 * Freezes the plain parts of a value, all of them, and returns it. Instances of classes are left alone.
 *
 * @throws {StateTreeError} `BAD_VALUE` for a value that contains itself or is nested deeper than 500 levels.
 */
export function freezeAll<T>(value: T): T {
  if (isContainer(value)) freezeParts(value, null);
  return value;
}

function freezeParts(container: object, outer: Walk | null): void {
  let walk = outer;
  const parts = container as Plain;
  for (const key of Object.keys(container)) {
    const part = parts[key];
    if (!isContainer(part)) continue;
    walk ??= new Walk();
    if (!walk.enter(part)) continue;
    freezeParts(part, walk);
    walk.leave(part, part);
  }
  Object.freeze(container);
}

/** Freezes what a reduction has made anew, and returns it. What is frozen already was frozen here, to the bottom. */
export function freezeNew<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value) || !isContainer(value)) return value;
  Object.freeze(value);
  const parts = value as Plain;
  for (const key of Object.keys(value)) freezeNew(parts[key]);
  return value;
}
