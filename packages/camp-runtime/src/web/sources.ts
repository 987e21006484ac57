import {
  BlobSource,
  type Bytes,
  bytesOf,
  IterableSource,
  MemorySource,
  unlessAborted,
  WebStreamSource,
  wrongType,
} from "camp-runtime";
import { type RandomSource, type SequentialSource, type StreamSource, StreamSourceError } from "camp-session";

/**
 * What `Stream()` takes. It belongs to the stream until that has settled: memory must not change, and what an iterable or
 * a stream yielded must not be used again, because it is read ahead.
 */
export type SourceInput = Bytes | Blob | ReadableStream<Bytes> | AsyncIterable<Bytes> | Iterable<Bytes>;

/** Bytes that one stream may keep as a Blob. */
const spoolBytesMax = 64 * 1024 * 1024;

/**
 * Makes a source of what the user passed. Memory, Blobs and Files can be read anywhere, everything else only once and in
 * order.
 *
 * @param size what the user says is the size; a source that knows better must agree
 * @throws TypeError if it is nothing that has bytes, RangeError if the size is wrong
 */
export function sourceOf(input: SourceInput, size: bigint | null): StreamSource {
  const bytes = bytesOf(input);
  if (bytes !== null) return expectSize(new MemorySource(bytes), size);
  if (input instanceof Blob) return expectSize(new BlobSource(input), size);
  if (input instanceof ReadableStream) return new WebStreamSource(input, size);
  if (isIterable(input)) return new IterableSource(input, size);
  throw wrongType("source", "a Blob, File, ReadableStream, iterable of bytes, Uint8Array or ArrayBuffer", input);
}

/** Makes a source that can be read anywhere of one that cannot. The browser keeps a Blob where it likes. */
export async function spool(
  source: SequentialSource,
  { what, signal }: { readonly what: string; readonly signal: AbortSignal },
): Promise<RandomSource> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const piece = await unlessAborted(source.next(), signal);
      if (piece === null) break;
      bytes += piece.byteLength;
      if (bytes > spoolBytesMax)
        throw new StreamSourceError(what, `it has more than ${spoolBytesMax} bytes to keep; push it`);
      pieces.push(piece as Uint8Array<ArrayBuffer>);
    }
  } catch (cause) {
    if (signal.aborted || cause instanceof StreamSourceError) throw cause;
    throw new StreamSourceError(what, cause instanceof Error ? cause.message : String(cause), { cause });
  } finally {
    source.close();
  }
  if (source.size !== null && source.size !== BigInt(bytes)) {
    throw new StreamSourceError(what, `it yielded ${bytes} bytes instead of ${source.size}`);
  }
  return new BlobSource(new Blob(pieces));
}

function expectSize<S extends RandomSource>(source: S, size: bigint | null): S {
  if (size === null || size === source.size) return source;
  throw new RangeError(`options.size is ${size}, but the source has ${source.size} bytes`);
}

/** Not a string: its pieces would be characters. */
function isIterable(input: unknown): input is AsyncIterable<unknown> | Iterable<unknown> {
  return typeof input === "object" && input !== null && (Symbol.asyncIterator in input || Symbol.iterator in input);
}
