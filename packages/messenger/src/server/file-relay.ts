import { decodeBase64url, idBytes } from "../protocol/index.js";
import type { Connection } from "./connection.js";

const claimMs = 1000;

/**
 * Hands a stream `file/<to>/<id>` on to its recipient, chunk by chunk, as fast as the recipient reads. One to nobody who is on line is
 * cancelled, and so is everything else that is no file.
 */
export async function relayFile(
  connection: Connection,
  name: string,
  size: bigint | null,
  find: (fingerprint: string) => Connection | undefined,
): Promise<void> {
  const recipient = recipientOf(name);
  const target = recipient === null || recipient === connection.fingerprint ? undefined : find(recipient);
  let source: Awaited<ReturnType<typeof connection.session.transaction.WaitForStream>>;
  try {
    source = await connection.session.transaction.WaitForStream(name, claimMs);
  } catch {
    // The sender gave up before it was claimed.
    return;
  }
  if (target === undefined) {
    source.destroy();
    return;
  }
  const options = { streamName: name, ...(size !== null && { size }) };
  // Whichever end fails, the stream at the other one ends with it: the source belongs to the stream.
  await target.session.transaction.Stream(source, options).catch(() => source.destroy());
}

function recipientOf(name: string): string | null {
  const [kind, to, id, ...rest] = name.split("/");
  if (kind !== "file" || to === undefined || id === undefined || rest.length > 0) return null;
  try {
    return decodeBase64url(id).length === idBytes ? to : null;
  } catch {
    return null;
  }
}
