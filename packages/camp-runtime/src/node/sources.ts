import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import {
  BlobSource,
  type Bytes,
  bytesOf,
  IterableSource,
  MemorySource,
  WebStreamSource,
  wrongType,
} from "camp-runtime";
import type { StreamSource } from "camp-session";
import { openFile } from "./random-sources.js";
import { ReadableSource } from "./sequential-sources.js";

/** A file, by its path. */
export interface PathInput {
  readonly path: string | URL;
}

/**
 * What `Stream()` takes. It belongs to the stream until that has settled: memory must not change, and what an iterable or
 * a stream yielded must not be used again, because it is read ahead.
 */
export type SourceInput =
  | Bytes
  | Blob
  | PathInput
  | Readable
  | ReadableStream<Bytes>
  | AsyncIterable<Bytes>
  | Iterable<Bytes>;

/**
 * Makes a source of what the user passed. Memory, Blobs and files can be read anywhere, everything else only once and in
 * order. A file has to be opened first, hence the promise.
 *
 * @param size what the user says is the size; a source that knows better must agree
 * @throws TypeError if it is nothing that has bytes, RangeError if the size is wrong
 */
export function sourceOf(input: SourceInput, size: bigint | null): StreamSource | Promise<StreamSource> {
  const bytes = bytesOf(input);
  if (bytes !== null) return expectSize(new MemorySource(bytes), size);
  if (input instanceof Blob) return expectSize(new BlobSource(input), size);
  if (isReadable(input)) return new ReadableSource(input, size);
  if (isWebStream(input)) return new WebStreamSource(input, size);
  if (isIterable(input)) return new IterableSource(input, size);
  if (isPath(input)) return openFile(input.path).then((file) => expectSize(file, size));
  throw wrongType("source", "a Readable, ReadableStream, iterable of bytes, Buffer, Blob or { path }", input);
}

function expectSize<S extends StreamSource>(source: S, size: bigint | null): S {
  if (size === null || size === source.size) return source;
  source.close();
  throw new RangeError(`options.size is ${size}, but the source has ${source.size} bytes`);
}

/** Ours or that of a package that brings its own. */
function isReadable(input: unknown): input is Readable {
  return input instanceof Readable || (hasMethods(input, "pipe", "on", "destroy") && Symbol.asyncIterator in input);
}

function isWebStream(input: unknown): input is ReadableStream<unknown> {
  return hasMethods(input, "getReader", "cancel");
}

/** Not a string: its pieces would be characters. */
function isIterable(input: unknown): input is AsyncIterable<unknown> | Iterable<unknown> {
  return typeof input === "object" && input !== null && (Symbol.asyncIterator in input || Symbol.iterator in input);
}

function isPath(input: unknown): input is PathInput {
  if (typeof input !== "object" || input === null || !("path" in input)) return false;
  return typeof input.path === "string" || input.path instanceof URL;
}

function hasMethods(input: unknown, ...names: string[]): input is object {
  if (typeof input !== "object" || input === null) return false;
  return names.every((name) => typeof (input as Record<string, unknown>)[name] === "function");
}
