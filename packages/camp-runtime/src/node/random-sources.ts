import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { RandomSource } from "camp-session";

/** An open file: reads go straight to where the bytes are wanted. */
export class FileSource implements RandomSource {
  readonly kind = "random";
  readonly size: bigint;
  readonly #file: FileHandle;

  /** Takes over the handle and closes it in the end. */
  constructor(file: FileHandle, size: bigint) {
    this.#file = file;
    this.size = size;
  }

  async readAt(targets: readonly Uint8Array[], position: bigint): Promise<number> {
    let filledBytes = 0;
    for (let rest = targets; rest.length > 0; ) {
      const { bytesRead } = await this.#file.readv(rest, Number(position) + filledBytes);
      if (bytesRead === 0) break;
      filledBytes += bytesRead;
      rest = skip(rest, bytesRead);
    }
    return filledBytes;
  }

  close(): void {
    // Of a file that was only read, or of a spool that is gone already, a failing close loses nothing.
    this.#file.close().catch(() => {});
  }
}

/** Opens a regular file. Its size is what it is now: bytes added later are not sent, missing ones fail the stream. */
export async function openFile(path: string | URL): Promise<FileSource> {
  // Without O_NONBLOCK a named pipe would hold a thread of the pool until somebody writes to it.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = await file.stat({ bigint: true });
    if (!stat.isFile()) throw new TypeError("source.path is not a regular file; pass a Readable of it");
    return new FileSource(file, stat.size);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What is left of the targets after their first bytes were filled. */
function skip(targets: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let filledBytes = bytes;
  let index = 0;
  while (index < targets.length && filledBytes >= targets[index]!.byteLength) {
    filledBytes -= targets[index]!.byteLength;
    index += 1;
  }
  if (filledBytes === 0) return targets.slice(index);
  return [targets[index]!.subarray(filledBytes), ...targets.slice(index + 1)];
}
