import { createHash } from "node:crypto";
import type { CAMPReadable } from "camp-client-node";

const pieceBytes = 1 << 20;

/** Pieces of a content that differs everywhere, made on the way. */
function* contentOf(bytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes; at += pieceBytes) {
    const piece = Buffer.alloc(Math.min(pieceBytes, bytes - at));
    for (let word = 0; word + 4 <= piece.byteLength; word += 4) {
      piece.writeUInt32LE(Math.imul((at + word) / 4 + 1, 2_654_435_761) >>> 0, word);
    }
    yield piece;
  }
}

function hashOf(bytes: number): string {
  const hash = createHash("sha256");
  for (const piece of contentOf(bytes)) hash.update(piece);
  return hash.digest("hex");
}

/** The ends of a stream. */
export interface StreamEnd {
  readonly transaction: {
    Stream(source: Iterable<Uint8Array>, options: { streamName: string }): Promise<unknown>;
    WaitForStream(name: string): Promise<CAMPReadable>;
  };
}

/**
 * Sends a stream of `bytes` and breaks the network `cuts` times on its way, evenly spread. Returns whether what arrived has the hash of
 * what was sent, and how many cuts there were.
 */
export async function tearStream(
  from: StreamEnd,
  to: StreamEnd,
  bytes: number,
  cuts: number,
  cut: () => void,
): Promise<{ readonly whole: boolean; readonly cuts: number; readonly receivedBytes: number }> {
  const waiting = to.transaction.WaitForStream("torn");
  const sent = from.transaction.Stream(contentOf(bytes), { streamName: "torn" });
  const hash = createHash("sha256");
  let receivedBytes = 0;
  let done = 0;
  for await (const chunk of await waiting) {
    hash.update(chunk as Uint8Array);
    receivedBytes += (chunk as Uint8Array).byteLength;
    if (done < cuts && receivedBytes >= (bytes / (cuts + 1)) * (done + 1)) {
      done++;
      cut();
    }
  }
  await sent;
  return { whole: hash.digest("hex") === hashOf(bytes), cuts: done, receivedBytes };
}
