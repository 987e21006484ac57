/** An object as a literal makes it, with nothing but its own keys. */
export type Plain = Readonly<Record<PropertyKey, unknown>>;

/**
 * Whether a value is a plain object, of whatever window or context. Instances of classes, namespaces such as `Math` and
 * modules are none: they belong to somebody else and are never looked into.
 */
export function isPlain(value: unknown): value is Plain {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  // Read, not asked for with `in`: that is slow where values have many shapes.
  if (prototype === Object.prototype || prototype === null) return (value as Tagged)[Symbol.toStringTag] === undefined;
  // Another window has another Object.prototype.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}

interface Tagged {
  readonly [Symbol.toStringTag]?: unknown;
}

/** What is looked into, merged and frozen. */
export function isContainer(value: unknown): value is Plain | readonly unknown[] {
  return typeof value === "object" && value !== null && (Array.isArray(value) || isPlain(value));
}
