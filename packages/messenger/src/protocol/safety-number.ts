import { decodeBase64url } from "./base64url.js";
import { concat, isSmaller, utf8 } from "./bytes.js";
import { sha512 } from "./hash.js";

/** Twelve groups of five digits that are the same at both ends exactly if nobody stands between them. */
export async function safetyNumber(ours: string, theirs: string): Promise<string> {
  const hash = await sha512(concat(utf8("smp-safety/1"), inOrder(ours, theirs)));
  const groups = Array.from({ length: 12 }, (_, group) => {
    const value = hash.subarray(group * 5, group * 5 + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    return String(value % 100_000).padStart(5, "0");
  });
  return groups.join(" ");
}

/** Two fingerprints as bytes, the smaller first, so that both ends have the same. */
export function inOrder(ours: string, theirs: string): Uint8Array {
  const [a, b] = [decodeBase64url(ours), decodeBase64url(theirs)];
  return isSmaller(a, b) ? concat(a, b) : concat(b, a);
}
