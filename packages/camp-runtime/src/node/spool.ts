import { randomUUID } from "node:crypto";
import { addAbortListener } from "node:events";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RandomSource, type SequentialSource, StreamSourceError } from "camp-session";
import { FileSource } from "./random-sources.js";

/** Bytes that one stream may put on the disk. */
export const spoolBytesMax = 1024 ** 3;

/** How to spool: `what` names the stream in errors, `signal` ends the work with its reason. */
export interface SpoolOptions {
  readonly what: string;
  readonly signal: AbortSignal;
  /** Default 1 GiB. */
  readonly bytesMax?: number;
}

/**
 * Makes a source that can be read anywhere of one that cannot, by way of a temporary file. The file has lost its name
 * before the first byte is in it, so whatever ends this process also frees the disk. The source is closed in any case.
 */
export async function spool(source: SequentialSource, options: SpoolOptions): Promise<RandomSource> {
  try {
    const file = await openNameless();
    try {
      return new FileSource(file, await fill(file, source, options));
    } catch (error) {
      await file.close();
      throw error;
    }
  } finally {
    source.close();
  }
}

async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `camp-spool-${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  await unlink(path);
  return file;
}

/** Writes all of the source to the file; returns how many bytes that was. */
async function fill(file: FileHandle, source: SequentialSource, options: SpoolOptions): Promise<bigint> {
  const { what, signal, bytesMax = spoolBytesMax } = options;
  const tooLarge = () =>
    new StreamSourceError(what, `it has more than ${bytesMax} bytes to spool; push it, or pass a path or Blob`);
  if (source.size !== null && source.size > bytesMax) throw tooLarge();
  let bytes = 0;
  for (;;) {
    const piece = await unlessAborted(signal, nextPiece(source, what));
    if (piece === null) break;
    bytes += piece.byteLength;
    if (bytes > bytesMax) throw tooLarge();
    await file.appendFile(piece);
  }
  if (source.size !== null && source.size !== BigInt(bytes)) {
    throw new StreamSourceError(what, `it yielded ${bytes} bytes instead of ${source.size}`);
  }
  return BigInt(bytes);
}

async function nextPiece(source: SequentialSource, what: string): Promise<Uint8Array | null> {
  try {
    return await source.next();
  } catch (cause) {
    throw new StreamSourceError(what, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** What the promise gives, or the signal's reason if it fires first: a source may be silent for ever. */
function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const listener = addAbortListener(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(() => listener[Symbol.dispose]());
  });
}
