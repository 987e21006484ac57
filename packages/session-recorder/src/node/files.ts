import { createWriteStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { linesOf, type Recorded, Recording, RecordingError } from "session-recorder";

/** No recording that is read is longer: what a recorder holds is far less. */
const fileBytesMax = 256 * 1024 * 1024;

/** Writes a recording into a file, which only its owner may read. Rejects with what the file system says. */
export async function saveRecording(recorded: Recorded, path: string): Promise<void> {
  // As it is now: a recorder goes on while the file is written.
  const lines = [...linesOf(recorded)];
  const text = Readable.from(lines).map((line: string) => `${line}\n`);
  await pipeline(text, createWriteStream(path, { mode: 0o600 }));
}

/** Reads a recording from a file. Rejects with {@link RecordingError}, or with what the file system says. */
export async function loadRecording(path: string): Promise<Recording> {
  const { size } = await stat(path);
  if (size > fileBytesMax) {
    throw new RecordingError("TOO_LARGE", null, null, `the file has ${size} bytes, more than ${fileBytesMax}`);
  }
  return Recording.read(await readFile(path, "utf8"));
}
