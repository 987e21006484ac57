import { utf8 } from "./bytes.js";
import { MalformedError } from "./errors.js";
import { messageBytesMax } from "./limits.js";

/** A message as parsed, its members not yet looked at. Only own members count; there is no prototype to fall back on. */
export type Members = Readonly<Record<string, unknown>>;

/** One string of a JSON text, and whether a colon makes it a key; or a bracket that changes the depth. */
const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;

/**
 * @throws {MalformedError} for what is no JSON object, or has a key twice: which one counts depends on who reads it
 */
export function parseMembers(text: string): Members {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own words quote the text.
    throw new MalformedError("a message is no JSON");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new MalformedError("a message is no JSON object");
  }
  if (hasKeyTwice(text)) throw new MalformedError("a message has a key twice");
  return Object.assign(Object.create(null), parsed);
}

/** Looks at a text that is known to be JSON. */
function hasKeyTwice(text: string): boolean {
  const open: Set<string>[] = [];
  for (const [found, colon] of text.matchAll(token)) {
    if (found === "{" || found === "[") open.push(new Set());
    else if (found === "}" || found === "]") open.pop();
    else if (colon !== undefined) {
      const key: string = JSON.parse(found.slice(0, found.lastIndexOf('"') + 1));
      const keys = open.at(-1)!;
      if (keys.has(key)) return true;
      keys.add(key);
    }
  }
  return false;
}

/** Whether a text is longer than a message may be, in UTF-8. */
export function isTooLarge(text: string): boolean {
  if (text.length > messageBytesMax) return true;
  return text.length * 3 > messageBytesMax && utf8(text).length > messageBytesMax;
}
