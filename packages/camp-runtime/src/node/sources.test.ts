import assert from "node:assert/strict";
import { Blob, File } from "node:buffer";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { RandomSource, SequentialSource } from "camp-session";
import { type SourceInput, sourceOf } from "./sources.js";

const content = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
const pieces = [content.subarray(0, 300), content.subarray(300, 301), content.subarray(301)];
let folder: string;
let path: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "camp-sources-"));
  path = join(folder, "content");
  await writeFile(path, content);
});
after(() => rm(folder, { recursive: true }));

async function sequential(input: SourceInput, size: bigint | null = null): Promise<SequentialSource> {
  const source = await sourceOf(input, size);
  assert.equal(source.kind, "sequential");
  return source as SequentialSource;
}

async function random(input: SourceInput, size: bigint | null = null): Promise<RandomSource> {
  const source = await sourceOf(input, size);
  assert.equal(source.kind, "random");
  return source as RandomSource;
}

async function readAll(source: SequentialSource): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for (let piece = await source.next(); piece !== null; piece = await source.next()) read.push(piece);
  source.close();
  return Buffer.concat(read);
}

function* syncPieces() {
  yield* pieces;
}

async function* asyncPieces() {
  yield* pieces;
}

const sequentialInputs: Record<string, () => SourceInput> = {
  "a Readable": () => Readable.from(pieces),
  "a Readable of a file": () => createReadStream(path, { highWaterMark: 100 }),
  "a web stream": () => ReadableStream.from(pieces) as ReadableStream<Uint8Array>,
  "the web stream of a Blob is one, too": () => new Blob([content]).stream() as ReadableStream<Uint8Array>,
  "an async generator": asyncPieces,
  "a generator": syncPieces,
  "an array": () => pieces,
  "an array of ArrayBuffers": () => pieces.map((piece) => new Uint8Array(piece).buffer),
};

for (const [what, open] of Object.entries(sequentialInputs)) {
  test(`${what} is read in order`, async () => {
    const source = await sequential(open());
    assert.equal(source.size, null);
    assert.deepEqual(await readAll(source), content);
  });
}

test("a sequential source has the size that the user says", async () => {
  assert.equal((await sequential(pieces, 1000n)).size, 1000n);
});

const randomInputs: Record<string, () => SourceInput> = {
  "a Buffer": () => content,
  "a Uint8Array": () => new Uint8Array(content),
  "an ArrayBuffer": () => new Uint8Array(content).buffer,
  "a Blob": () => new Blob([content]),
  "a File": () => new File([content], "content.bin"),
  "a path": () => ({ path }),
  "a file URL": () => ({ path: pathToFileURL(path) }),
};

for (const [what, open] of Object.entries(randomInputs)) {
  test(`${what} is read anywhere, into as many targets as there are`, async () => {
    const source = await random(open(), 1000n);
    assert.equal(source.size, 1000n);
    const targets = [new Uint8Array(7), new Uint8Array(0), new Uint8Array(100)];
    assert.equal(await source.readAt(targets, 500n), 107);
    assert.deepEqual(Buffer.concat(targets), content.subarray(500, 607));
    assert.equal(await source.readAt(targets, 950n), 50);
    assert.deepEqual(Buffer.concat(targets).subarray(0, 50), content.subarray(950));
    source.close();
  });
}

test("a size that contradicts the source is refused", async () => {
  assert.throws(() => sourceOf(content, 999n), { name: "RangeError", message: /999.*1000/ });
  await assert.rejects(async () => sourceOf({ path }, 1001n), RangeError);
});

for (const [what, input] of [
  ["a text", "text"],
  ["a number", 5],
  ["null", null],
  ["undefined", undefined],
  ["an empty object", {}],
  ["a path that is no text", { path: 5 }],
] as const) {
  test(`${what} is no source`, () => {
    assert.throws(() => sourceOf(input as unknown as SourceInput, null), {
      name: "TypeError",
      message: /^source must/,
    });
  });
}

test("a locked web stream and a Readable that was read before are no sources", async () => {
  const locked = ReadableStream.from(pieces) as ReadableStream<Uint8Array>;
  locked.getReader();
  assert.throws(() => sourceOf(locked, null), TypeError);
  const read = Readable.from(pieces);
  await read.toArray();
  assert.throws(() => sourceOf(read, null), { name: "TypeError", message: /read to its end/ });
});

test("a file that is missing, or none, fails", async () => {
  await assert.rejects(async () => sourceOf({ path: join(folder, "missing") }, null), { code: "ENOENT" });
  await assert.rejects(async () => sourceOf({ path: folder }, null), { name: "TypeError", message: /regular file/ });
});

test("a file that became shorter gives what is left", async () => {
  const shrinking = join(folder, "shrinking");
  await writeFile(shrinking, content);
  const source = await random({ path: shrinking });
  await truncate(shrinking, 10);
  assert.equal(await source.readAt([new Uint8Array(100)], 0n), 10);
  source.close();
});

const strangers: Record<string, () => SourceInput> = {
  "a Readable of text": () => Readable.from(content.toString("latin1")).setEncoding("utf8"),
  "an iterable of numbers": () => [1, 2] as unknown as Uint8Array[],
  "a web stream of text": () => ReadableStream.from(["text"]) as unknown as ReadableStream<Uint8Array>,
};

for (const [what, open] of Object.entries(strangers)) {
  test(`${what} fails at its first piece`, async () => {
    const source = await sequential(open());
    await assert.rejects(source.next(), { name: "TypeError", message: /^each piece of the source must be/ });
    source.close();
  });
}

const fault = new Error("broken source");

test("a Readable that fails before it is read fails the read, not the process", async () => {
  const source = await sequential(createReadStream(join(folder, "missing")));
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  await assert.rejects(source.next(), { code: "ENOENT" });
  source.close();
});

test("a Readable that fails while it is read fails the read", async () => {
  const readable = new PassThrough();
  readable.write("some");
  const source = await sequential(readable);
  assert.deepEqual(await source.next(), Buffer.from("some"));
  const next = source.next();
  readable.destroy(fault);
  await assert.rejects(next, fault);
  source.close();
});

test("a Readable that is destroyed before its end fails the read", async () => {
  const readable = new PassThrough();
  const source = await sequential(readable);
  readable.destroy();
  await assert.rejects(source.next(), { code: "ERR_STREAM_PREMATURE_CLOSE" });
  source.close();
});

test("generators and web streams that fail pass their error on", async () => {
  async function* failing() {
    yield content;
    throw fault;
  }
  for (const input of [failing(), new ReadableStream({ start: (controller) => controller.error(fault) })]) {
    const source = await sequential(input as AsyncIterable<Uint8Array>);
    await assert.rejects(readAll(source), fault);
    source.close();
  }
});

test("closing destroys a Readable even while a read is waiting", async () => {
  const readable = new PassThrough();
  const source = await sequential(readable);
  const next = source.next();
  source.close();
  await assert.rejects(next);
  assert.ok(readable.destroyed);
});

test("closing cancels a web stream even while a read is waiting", async () => {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    cancel() {
      cancelled = true;
      throw fault;
    },
  });
  const source = await sequential(stream);
  const next = source.next();
  source.close();
  assert.equal(await next, null);
  assert.ok(cancelled);
});

test("closing returns an iterator that has not come to its end, once, and no other", async () => {
  const log: string[] = [];
  async function* logged(name: string) {
    try {
      yield content;
    } finally {
      log.push(name);
    }
  }
  const left = await sequential(logged("left"));
  await left.next();
  left.close();
  left.close();
  const finished = await sequential(logged("finished"));
  await readAll(finished);
  await new Promise(setImmediate);
  assert.deepEqual(log, ["left", "finished"]);
});

test("an iterator whose return fails disturbs nobody", async () => {
  const failing: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false, value: content }),
      return() {
        throw fault;
      },
    }),
  };
  const source = await sequential(failing);
  await source.next();
  source.close();
  await new Promise(setImmediate);
});
