import assert from "node:assert/strict";
import { once } from "node:events";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { CAMP_FLOW_BEHAVIOUR } from "camp-runtime";
import { type IncomingStream, StreamCancelledError, type StreamState } from "camp-session";
import { CAMPReadable } from "./readable.js";

/** A stream as the session would hand it out, fed by the test. */
class ScriptedStream implements IncomingStream {
  readonly txId = 7;
  readonly name = "scripted";
  readonly behaviour = "push";
  readonly size: bigint | null;
  receivedBytes = 0n;
  takenBytes = 0;
  state: StreamState = { at: "open" };
  onChange: (() => void) | null = null;
  readonly #waiting: Uint8Array[] = [];
  #finished = false;

  constructor(size: bigint | null = null) {
    this.size = size;
  }

  arrive(...chunks: Uint8Array[]): void {
    this.#waiting.push(...chunks);
    for (const chunk of chunks) this.receivedBytes += BigInt(chunk.byteLength);
    this.onChange?.();
  }

  finish(): void {
    this.#finished = true;
    if (this.#waiting.length === 0) this.state = { at: "ended" };
    this.onChange?.();
  }

  fail(error: Error): void {
    if (this.state.at !== "open") return;
    this.#waiting.length = 0;
    this.state = { at: "failed", error };
    this.onChange?.();
  }

  take(): Uint8Array | null {
    const chunk = this.#waiting.shift() ?? null;
    this.takenBytes += chunk?.byteLength ?? 0;
    if (this.#finished && this.#waiting.length === 0 && this.state.at === "open") {
      this.state = { at: "ended" };
      this.onChange?.();
    }
    return chunk;
  }

  cancel(reason: string): void {
    this.fail(new StreamCancelledError("scripted", reason));
  }
}

const KIB = 1024;
const lost = new Error("lost");
const bytes = (length: number, value = 0) => Buffer.alloc(length, value);

async function collect(readable: CAMPReadable): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of readable) chunks.push(chunk);
  return chunks;
}

test("what arrives is what is read, whether it came before or while reading", async () => {
  const stream = new ScriptedStream();
  stream.arrive(Buffer.from("be"), Buffer.from("fore "));
  const reading = collect(new CAMPReadable(stream));
  stream.arrive(Buffer.from("while"));
  stream.finish();
  assert.equal(Buffer.concat(await reading).toString(), "before while");
});

test("an empty stream ends", async () => {
  const stream = new ScriptedStream(0n);
  stream.finish();
  const readable = new CAMPReadable(stream);
  assert.deepEqual(await collect(readable), []);
  assert.equal(readable.progress, 1);
});

test("full chunks reach the reader without a copy, and as Buffers", async () => {
  const stream = new ScriptedStream();
  const chunks = Array.from({ length: 40 }, (_, index) => new Uint8Array(64 * KIB).fill(index));
  const readable = new CAMPReadable(stream);
  const reading = collect(readable);
  for (const chunk of chunks) {
    stream.arrive(chunk);
    if (chunk[0]! % 3 === 0) await new Promise(setImmediate);
  }
  stream.finish();
  const read = await reading;
  assert.equal(read.length, chunks.length);
  assert.ok(read.every((chunk, index) => Buffer.isBuffer(chunk) && chunk.buffer === chunks[index]?.buffer));
});

test("nothing is taken before somebody reads, and one chunk more than was read after that", async () => {
  const stream = new ScriptedStream();
  stream.arrive(bytes(64 * KIB), bytes(64 * KIB), bytes(64 * KIB), bytes(64 * KIB));
  const readable = new CAMPReadable(stream);
  await new Promise(setImmediate);
  assert.equal(stream.takenBytes, 0);
  const chunks = readable[Symbol.asyncIterator]();
  await chunks.next();
  await new Promise(setImmediate);
  assert.ok(stream.takenBytes <= 128 * KIB, `${stream.takenBytes} bytes were taken`);
});

test("it tells what the stream is and how far it got", () => {
  const stream = new ScriptedStream(200n);
  const readable = new CAMPReadable(stream);
  stream.arrive(bytes(50));
  assert.equal(readable.txId, 7);
  assert.equal(readable.streamName, "scripted");
  assert.equal(readable.behaviour, CAMP_FLOW_BEHAVIOUR.TX_PUSH);
  assert.equal(readable.byteLength, 200n);
  assert.equal(readable.receivedBytes, 50n);
  assert.equal(readable.remainingBytes, 150n);
  assert.equal(readable.progress, 0.25);
});

test("a stream of unknown size has neither remaining bytes nor progress", () => {
  const readable = new CAMPReadable(new ScriptedStream());
  assert.equal(readable.byteLength, null);
  assert.equal(readable.remainingBytes, null);
  assert.equal(readable.progress, null);
});

test("a reader gets the error of a stream that fails under it", async () => {
  const stream = new ScriptedStream();
  const reading = collect(new CAMPReadable(stream));
  stream.arrive(bytes(10));
  stream.fail(lost);
  await assert.rejects(reading, lost);
});

test("a failure that nobody listens to raises nothing and closes", async () => {
  const stream = new ScriptedStream();
  const readable = new CAMPReadable(stream);
  readable.resume();
  const closed = new Promise((resolve) => readable.on("close", resolve));
  stream.fail(lost);
  await closed;
});

const laterReaders: Record<string, (readable: CAMPReadable) => Promise<unknown>> = {
  "for await": collect,
  pipeline: (readable) => pipeline(readable, new Writable({ write: (_chunk, _encoding, done) => done() })),
  "an error listener": (readable) => new Promise((_, reject) => readable.on("error", reject)),
  "once(error)": async (readable) => {
    throw (await once(readable, "error"))[0];
  },
};

for (const [how, read] of Object.entries(laterReaders)) {
  test(`a stream that failed before anybody read tells the next reader: ${how}`, async () => {
    const stream = new ScriptedStream();
    stream.fail(lost);
    const handedOutFailed = new CAMPReadable(stream);
    await assert.rejects(read(handedOutFailed), lost);

    const later = new ScriptedStream();
    const readable = new CAMPReadable(later);
    later.fail(lost);
    await new Promise(setImmediate);
    await assert.rejects(read(readable), lost);
  });
}

test("an error listener hears of one failure once", async () => {
  const stream = new ScriptedStream();
  const readable = new CAMPReadable(stream);
  const heard: Error[] = [];
  stream.fail(lost);
  readable.on("error", (error) => heard.push(error));
  await new Promise(setImmediate);
  assert.deepEqual(heard, [lost]);
});

test("cancel fails the readers", async () => {
  const stream = new ScriptedStream();
  const readable = new CAMPReadable(stream);
  const reading = collect(readable);
  readable.cancel("enough");
  await assert.rejects(reading, { code: "STREAM_CANCELLED", message: /enough/ });
});

test("destroy before the end cancels the stream at the peer", () => {
  const stream = new ScriptedStream();
  new CAMPReadable(stream).destroy();
  assert.equal(stream.state.at, "failed");
  assert.equal(stream.onChange, null);
});

test("leaving a loop early cancels the stream, reading it to the end does not", async () => {
  const left = new ScriptedStream();
  left.arrive(bytes(10), bytes(10));
  for await (const _ of new CAMPReadable(left)) break;
  assert.equal(left.state.at, "failed");

  const read = new ScriptedStream();
  const readable = new CAMPReadable(read);
  const reading = collect(readable);
  read.arrive(bytes(10));
  read.finish();
  await reading;
  assert.ok(readable.destroyed);
  assert.equal(read.state.at, "ended");
});

test("a listener that destroys the stream in the middle of the chunks hears no more of them", async () => {
  const stream = new ScriptedStream();
  const readable = new CAMPReadable(stream);
  let heard = 0;
  readable.on("data", () => {
    heard += 1;
    readable.destroy();
  });
  await new Promise(setImmediate);
  stream.arrive(bytes(10), bytes(10), bytes(10));
  await once(readable, "close");
  assert.equal(heard, 1);
});

test("text comes whole through setEncoding", async () => {
  const stream = new ScriptedStream();
  const readable = new CAMPReadable(stream);
  readable.setEncoding("utf8");
  const euro = Buffer.from("€");
  stream.arrive(euro.subarray(0, 1), euro.subarray(1));
  stream.finish();
  let text = "";
  for await (const part of readable) text += part;
  assert.equal(text, "€");
});
