import { concat } from "./bytes.js";
import { CannotOpenError } from "./errors.js";
import { fileRecordBytes } from "./limits.js";

// A file's bytes: AES-256-GCM records of 65 536 plain bytes, IV = record number, aad = last ? 1 : 0. A key seals one file, once.

const tagBytes = 16;

/** Seals what it is given, record by record. */
export async function* sealFile(key: Uint8Array, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const sealing = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  yield* inRecords(source, fileRecordBytes, async (record, number, last) => {
    return new Uint8Array(await crypto.subtle.encrypt(parameters(number, last), sealing, record));
  });
}

/**
 * Opens what `sealFile` sealed. A file that was cut at a record fails at its end, so use nothing of it before.
 *
 * @throws {CannotOpenError}
 */
export async function* openFile(key: Uint8Array, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const opening = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  yield* inRecords(source, fileRecordBytes + tagBytes, async (record, number, last) => {
    try {
      return new Uint8Array(await crypto.subtle.decrypt(parameters(number, last), opening, record));
    } catch (error) {
      throw new CannotOpenError(`record ${number} of a file`, { cause: error });
    }
  });
}

/** How many bytes a file of this size becomes. An empty one has one empty record. */
export function sealedFileBytes(size: number): number {
  return size + Math.max(1, Math.ceil(size / fileRecordBytes)) * tagBytes;
}

/** Cuts a source into records of `size`; only the last may be shorter, and is known to be the last. */
async function* inRecords(
  source: AsyncIterable<Uint8Array>,
  size: number,
  convert: (record: Uint8Array, number: number, last: boolean) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let held = new Uint8Array();
  let number = 0;
  for await (const chunk of source) {
    held = concat(held, chunk) as typeof held;
    // One record stays back until something comes after it: it may be the last.
    let at = 0;
    for (; held.length - at > size; at += size) yield await convert(held.slice(at, at + size), number++, false);
    held = held.slice(at);
  }
  yield await convert(held, number, true);
}

function parameters(number: number, last: boolean): object {
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setBigUint64(4, BigInt(number));
  return { name: "AES-GCM", iv, additionalData: Uint8Array.of(last ? 1 : 0) };
}
