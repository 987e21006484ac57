import { CAMP_MAX_NAME } from "camp-protocol";
import { utf8Length } from "camp-protocol/bytes";
import type {
  CampSession,
  IncomingStream,
  OutgoingStreamOptions,
  RandomSource,
  SequentialSource,
  StreamSource,
} from "camp-session";
import {
  expectBigint,
  expectFunction,
  expectOptions,
  expectSignal,
  expectString,
  toTimeout,
  wrongType,
} from "./arguments.js";
import type { EndSignal } from "./end-signal.js";

/** What streams are on a platform: where they come from, and what reads them. */
export interface StreamWorld<Source, Reader> {
  /** @throws {TypeError} for what has no bytes, {RangeError} for a size that contradicts the source */
  sourceOf(source: Source, size: bigint | null): StreamSource | Promise<StreamSource>;
  /** Makes a source that can be read anywhere of one that cannot, and closes that. `signal` ends the work. */
  spool(
    source: SequentialSource,
    options: { readonly what: string; readonly signal: AbortSignal },
  ): Promise<RandomSource>;
  createReader(incoming: IncomingStream): Reader;
  /** The stream of the session behind a reader; null for anything else. */
  incomingOf(reader: unknown): IncomingStream | null;
  /** Tells what a callback of the user threw. */
  reportFailure(error: unknown): void;
}

/** What a stream may be sent with. */
export interface StreamOptions {
  /** By which the peer waits for it, at most 1024 bytes. Default `anonymous`. */
  readonly streamName?: string;
  /** `"push"` (default) or `"pull"`; `CAMP_FLOW_BEHAVIOUR` has the same values, 0 and 1 are those of the wire. */
  readonly behaviour?: "push" | "pull" | 0 | 1;
  /**
   * Bytes in all, for a source that does not know: then the reader knows, too, and the stream fails if the source yields
   * more or less. For a source that does know it must be the same number.
   */
  readonly size?: bigint | number;
  /** Cancels the stream; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called with the bytes sent so far and those in all, null when that is not known. */
  readonly onProgress?: (sentBytes: bigint, size: bigint | null) => void;
}

/** How long to wait for a stream. */
export interface WaitOptions {
  /** For the stream to begin, in milliseconds; rejects with `StreamTimeoutError`. Default: as long as the session. */
  readonly timeout?: number;
  /** For the next bytes of the stream while somebody reads, in milliseconds; then it is cancelled. Default: none. */
  readonly idleTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** `session.transaction`: streams (spec: api "Streams", camp-v1 section 6). */
export class TransactionNamespace<Source, Reader> {
  readonly #engine: CampSession;
  readonly #end: EndSignal;
  readonly #world: StreamWorld<Source, Reader>;

  constructor(engine: CampSession, end: EndSignal, world: StreamWorld<Source, Reader>) {
    this.#engine = engine;
    this.#end = end;
    this.#world = world;
  }

  /**
   * Sends a stream, which begins once its source is ready. Paths, Buffers and Blobs are read in place; anything else
   * that is to be pulled is first written to a temporary file of at most 1 GiB that no crash leaves behind. The source
   * belongs to the stream until the promise settled; then a Readable is destroyed, an iterator returned, a web stream
   * cancelled.
   *
   * @returns resolves when the peer acknowledged the end; rejects with `StreamCancelledError`, `StreamSourceError`,
   * `ConnectionLostError` or `SessionClosedError`
   * @throws TypeError if an argument has the wrong type, RangeError if `size` contradicts the source; for a path, which
   * is opened first, as a rejection
   */
  Stream(source: Source, options: StreamOptions = {}): Promise<void> {
    checkStreamOptions(options);
    const { streamName: name = "", signal, onProgress } = options;
    const behaviour = behaviourOf(options.behaviour);
    const streamOptions: OutgoingStreamOptions = {
      name,
      behaviour,
      ...(signal && { signal }),
      ...(onProgress && { onProgress: this.#guarded(onProgress) }),
    };
    const begin = (ready: StreamSource) => this.#engine.stream(ready, streamOptions);
    const opened = this.#world.sourceOf(source, sizeOf(options.size));
    if (opened instanceof Promise) return quiet(opened.then(begin));
    if (behaviour === "push" || opened.kind === "random") return begin(opened);
    const spooling = this.#world.spool(opened, { what: `stream "${name}"`, signal: this.#end.signalWith(signal) });
    return quiet(spooling.then(begin));
  }

  /**
   * The next stream of this name, in order of arrival; also one that began before the call.
   *
   * @param timeout milliseconds, or what else may end the waiting. It waits as long as the session by default, also
   * across a reconnect.
   */
  WaitForStream(name = "anonymous", timeout: number | WaitOptions = {}): Promise<Reader> {
    expectName("name", name);
    const options = typeof timeout === "number" ? { timeout } : timeout;
    expectOptions("timeout", options);
    const { signal } = options;
    expectSignal("signal", signal);
    const timeoutMs = toTimeout("timeout", options.timeout, 0);
    const idleTimeoutMs = toTimeout("idleTimeoutMs", options.idleTimeoutMs, 1);
    const waiting = this.#engine.waitForStream(name || "anonymous", {
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
      ...(signal && { signal }),
    });
    return quiet(waiting.then((incoming) => this.#world.createReader(incoming)));
  }

  /**
   * Fetches bytes `start` to `end` (exclusive) of a pull stream. The first call ends the fetching from front to back for
   * good: from then on bytes come in the order asked, and every byte has to be asked for (rules 22). Resolves when the
   * peer acknowledged the request.
   */
  StreamRequestRange(stream: Reader, start: bigint, end: bigint): Promise<void> {
    const incoming = this.#world.incomingOf(stream);
    if (incoming === null) throw wrongType("stream", "a CAMPReadable", stream);
    expectBigint("start", start);
    expectBigint("end", end);
    return this.#engine.requestRange(incoming, start, end);
  }

  /** A callback that throws is told of like a listener that throws, and the stream goes on. */
  #guarded(onProgress: NonNullable<StreamOptions["onProgress"]>): NonNullable<StreamOptions["onProgress"]> {
    return (sentBytes, size) => {
      try {
        onProgress(sentBytes, size);
      } catch (error) {
        this.#world.reportFailure(error);
      }
    };
  }
}

function checkStreamOptions(options: StreamOptions): void {
  expectOptions("options", options);
  if (options.streamName !== undefined) expectName("options.streamName", options.streamName);
  expectSignal("options.signal", options.signal);
  expectFunction("options.onProgress", options.onProgress);
}

function expectName(parameter: string, name: unknown): void {
  expectString(parameter, name);
  const bytes = utf8Length(name);
  if (bytes > CAMP_MAX_NAME) throw new RangeError(`${parameter} of ${bytes} bytes exceeds ${CAMP_MAX_NAME}`);
}

function behaviourOf(behaviour: StreamOptions["behaviour"] = "push"): "push" | "pull" {
  if (behaviour === "push" || behaviour === 0) return "push";
  if (behaviour === "pull" || behaviour === 1) return "pull";
  throw new TypeError(`options.behaviour must be "push" or "pull"`);
}

function sizeOf(size: StreamOptions["size"]): bigint | null {
  if (size === undefined) return null;
  if (typeof size !== "bigint" && typeof size !== "number") throw wrongType("options.size", "a bigint or number", size);
  if (typeof size === "bigint" ? size >= 0n && size < 1n << 63n : Number.isSafeInteger(size) && size >= 0) {
    return BigInt(size);
  }
  throw new RangeError(`options.size must be a whole number of bytes, got ${size}`);
}

/** The same promise, which raises nothing if nobody awaits it. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
