import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChunkReader, RandomFeed, SequentialFeed } from "./chunk-feed.js";
import { HandSource, PatternSource, someBytes } from "./testing/index.js";

const kib = 1024;
const everything = (1n << 64n) - 1n;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Maker implements ChunkReader {
  readonly allocated: number[] = [];
  readonly allocate = (bytes: number): Uint8Array => {
    this.allocated.push(bytes);
    return new Uint8Array(bytes);
  };
  readies = 0;
  readonly failures: Error[] = [];

  ready(): void {
    this.readies++;
  }

  failed(error: Error): void {
    this.failures.push(error);
  }
}

/** All chunks that are ready now, as offset and bytes. */
function chunks(feed: SequentialFeed | RandomFeed): [bigint, Uint8Array][] {
  const out: [bigint, Uint8Array][] = [];
  for (let chunk = feed.next(); chunk !== null; chunk = feed.next()) out.push([chunk.offset, chunk.bytes.slice()]);
  return out;
}

function joined(parts: [bigint, Uint8Array][]): Uint8Array {
  return Uint8Array.from(parts.flatMap(([, bytes]) => [...bytes]));
}

test("small pieces of a sequential source are joined and large ones split at 64 KiB", async () => {
  const whole = someBytes(200_000);
  const source = new HandSource().give(whole.slice(0, 3), whole.slice(3, 10), whole.slice(10), null);
  const feed = new SequentialFeed(source, new Maker());
  feed.allow(everything);
  await settle();
  const parts = chunks(feed);
  assert.deepEqual(
    parts.map(([offset, bytes]) => [offset, bytes.byteLength]),
    [
      [0n, 65_536],
      [65_536n, 65_536],
      [131_072n, 65_536],
      [196_608n, 3392],
    ],
  );
  assert.deepEqual(joined(parts), whole);
  assert.equal(feed.finished, true);
});

test("a sequential source is not read before anything is allowed, and then 512 KiB ahead at most", async () => {
  const source = new HandSource();
  for (let i = 0; i < 100; i++) source.give(someBytes(64 * kib));
  const feed = new SequentialFeed(source, new Maker());
  await settle();
  assert.equal(source.asked, 0);
  feed.allow(1n);
  await settle();
  assert.equal(source.asked, 8);
  assert.deepEqual(chunks(feed), [[0n, someBytes(1)]]);
  assert.equal(feed.finished, false);
});

test("next is never asked of a source before the last answer came", async () => {
  const source = new HandSource();
  const feed = new SequentialFeed(source, new Maker());
  feed.allow(10n);
  feed.allow(20n);
  await settle();
  assert.equal(source.asked, 1);
});

test("an empty piece is no end", async () => {
  const source = new HandSource().give(new Uint8Array(0), someBytes(2), null);
  const feed = new SequentialFeed(source, new Maker());
  feed.allow(everything);
  await settle();
  assert.deepEqual(joined(chunks(feed)), someBytes(2));
});

test("a source that rejects fails once, and one that was closed before tells nobody", async () => {
  const maker = new Maker();
  const feed = new SequentialFeed(new HandSource().give(new Error("broken")), maker);
  feed.allow(1n);
  await settle();
  assert.deepEqual(maker.failures.map(String), ["Error: broken"]);
  const quiet = new Maker();
  const source = new HandSource();
  const closed = new SequentialFeed(source, quiet);
  closed.allow(1n);
  closed.close();
  closed.close();
  source.give(new Error("late"));
  await settle();
  assert.deepEqual([quiet.failures, source.closes], [[], 1]);
});

test("a random source is read straight into its chunks, with the memory that it is given", async () => {
  const maker = new Maker();
  const feed = new RandomFeed(new PatternSource(1_000_000n), maker);
  feed.allow(everything);
  feed.ask(502n, 502n + 100_000n);
  await settle();
  const parts = chunks(feed);
  assert.deepEqual(
    parts.map(([offset, bytes]) => [offset, bytes.byteLength]),
    [
      [502n, 65_536],
      [66_038n, 34_464],
    ],
  );
  assert.deepEqual(maker.allocated, [65_536, 34_464]);
  assert.deepEqual(joined(parts), someBytes(100_000));
});

test("a random source is read at most 512 KiB ahead, one read at a time", async () => {
  const source = new PatternSource(100_000_000n);
  const feed = new RandomFeed(source, new Maker());
  feed.allow(everything);
  feed.ask(0n, 100_000_000n);
  await settle();
  assert.deepEqual(source.reads, [0n]);
  feed.next();
  await settle();
  assert.deepEqual(source.reads, [0n, BigInt(512 * kib)]);
});

test("a random source is not read past what is allowed", async () => {
  const source = new PatternSource(1000n);
  const feed = new RandomFeed(source, new Maker());
  feed.ask(0n, 1000n);
  await settle();
  assert.deepEqual(source.reads, []);
  feed.allow(10n);
  await settle();
  feed.allow(10n);
  assert.equal(joined(chunks(feed)).byteLength, 10);
  assert.equal(feed.finished, false);
  feed.allow(1000n);
  await settle();
  assert.equal(joined(chunks(feed)).byteLength, 990);
  assert.equal(feed.finished, true);
});

test("ranges are served in the order asked", async () => {
  const feed = new RandomFeed(new PatternSource(1000n), new Maker());
  feed.allow(everything);
  feed.ask(500n, 510n);
  feed.ask(0n, 10n);
  await settle();
  assert.deepEqual(
    chunks(feed).map(([offset]) => offset),
    [500n, 0n],
  );
});

test("closing waits for the read under way before it releases a random source", async () => {
  const source = new PatternSource(1000n);
  let release = (): void => {};
  source.gate = new Promise((resolve) => (release = resolve));
  const feed = new RandomFeed(source, new Maker());
  feed.allow(everything);
  feed.ask(0n, 10n);
  feed.close();
  assert.equal(source.closes, 0);
  release();
  await settle();
  feed.close();
  assert.equal(source.closes, 1);
});
