import assert from "node:assert/strict";
import { test } from "node:test";
import { type SequentialSource, StreamSourceError } from "camp-session";
import { sourceOf, spool } from "./sources.js";

class Pieces implements SequentialSource {
  readonly kind = "sequential";
  readonly size: bigint | null;
  closes = 0;
  readonly #next: () => Promise<Uint8Array | null>;

  constructor(next: () => Promise<Uint8Array | null>, size: bigint | null = null) {
    this.#next = next;
    this.size = size;
  }

  next(): Promise<Uint8Array | null> {
    return this.#next();
  }

  close(): void {
    this.closes++;
  }
}

const options = () => ({ what: 'stream "s"', signal: new AbortController().signal });

/** Gives these pieces, then the end. */
function yielding(...pieces: Uint8Array[]): () => Promise<Uint8Array | null> {
  return async () => pieces.shift() ?? null;
}

test("what could be read once can be read anywhere, and its source is let go of", async () => {
  const source = new Pieces(yielding(Uint8Array.of(0, 1, 2), Uint8Array.of(), Uint8Array.of(3, 4, 5, 6)), 7n);
  const spooled = await spool(source, options());
  assert.equal(spooled.size, 7n);
  const targets = [new Uint8Array(2), new Uint8Array(2)];
  assert.equal(await spooled.readAt(targets, 2n), 4);
  assert.deepEqual(targets, [Uint8Array.of(2, 3), Uint8Array.of(4, 5)]);
  assert.equal(await spooled.readAt([new Uint8Array(4)], 5n), 2);
  assert.equal(source.closes, 1);
});

test("64 MiB are kept and not one byte more", async () => {
  const mebibyte = new Uint8Array(1024 * 1024);
  const full = Array.from({ length: 64 }, () => mebibyte);
  assert.equal((await spool(new Pieces(yielding(...full)), options())).size, 67_108_864n);
  const larger = new Pieces(yielding(...full, Uint8Array.of(1)));
  await assert.rejects(spool(larger, options()), (error) => {
    return error instanceof StreamSourceError && /more than 67108864 bytes to keep; push it/.test(error.message);
  });
  assert.equal(larger.closes, 1);
});

test("a source that yields another number of bytes than it said fails", async () => {
  const source = new Pieces(yielding(Uint8Array.of(1)), 2n);
  await assert.rejects(spool(source, options()), /it yielded 1 bytes instead of 2/);
  assert.equal(source.closes, 1);
});

test("what a source throws is the cause of a StreamSourceError", async () => {
  const cause = new Error("torn");
  const source = new Pieces(() => Promise.reject(cause));
  await assert.rejects(
    spool(source, options()),
    (error) => error instanceof StreamSourceError && error.cause === cause && /torn/.test(error.message),
  );
  assert.equal(source.closes, 1);
});

test("a source that is silent for ever ends with the signal", async () => {
  const over = new AbortController();
  const source = new Pieces(() => new Promise(() => {}));
  const spooling = spool(source, { what: "a stream", signal: over.signal });
  const reason = new Error("the session ended");
  over.abort(reason);
  await assert.rejects(spooling, (error) => error === reason);
  assert.equal(source.closes, 1);
});

test("Blobs and memory are read in place, streams and iterables in order, anything else is refused", () => {
  const kinds = [
    new Blob(["a"]),
    Uint8Array.of(1),
    new ArrayBuffer(1),
    new ReadableStream<Uint8Array>(),
    [Uint8Array.of(1)],
  ].map((input) => sourceOf(input, null).kind);
  assert.deepEqual(kinds, ["random", "random", "random", "sequential", "sequential"]);
  assert.throws(() => sourceOf(new Blob(["a"]), 2n), /options.size is 2, but the source has 1 bytes/);
  for (const input of ["text", 7, null, {}]) assert.throws(() => sourceOf(input as never, null), TypeError);
});
