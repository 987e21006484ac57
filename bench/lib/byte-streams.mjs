import { once } from "node:events";

/** Writes what `source` yields as fast as `to` takes it. */
export async function writeAll(to, source) {
  for await (const piece of source) if (!to.write(piece)) await once(to, "drain");
}

/** Reads a stream to its end and counts its bytes. */
export function drained(from) {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    from.on("data", (chunk) => {
      bytes += chunk.length;
    });
    from.on("end", () => resolve(bytes));
    from.on("error", reject);
  });
}
