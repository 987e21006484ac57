import assert from "node:assert/strict";
import { test } from "node:test";
import type { DropPolicy } from "./limits.js";
import { MessageQueue } from "./message-queue.js";
import { Message } from "./out-frame.js";
import { frames, ManualStage, watch } from "./testing/index.js";

// Queue, drop, replace: rules 10.

const text = new TextEncoder();

function message(payload: string, key?: string, kind: "utf8" | "binary" = "utf8"): Message {
  const made = new Message(kind, text.encode(payload), true, key);
  made.promise.catch(() => {});
  return made;
}

class Queue {
  readonly settings = { maxQueuedBytes: 1000, maxQueueCount: 3, dropPolicy: "drop-oldest" as DropPolicy };
  readonly dropped: string[] = [];
  readonly queue = new MessageQueue({
    limits: () => this.settings,
    dropped: (dropped, reason) => this.dropped.push(`${new TextDecoder().decode(dropped.bytes)} ${reason}`),
  });

  constructor(limits: Partial<Queue["settings"]> = {}) {
    Object.assign(this.settings, limits);
  }

  push(...messages: Message[]): this {
    for (const one of messages) this.queue.push(one);
    return this;
  }

  /** Takes everything out and gives the payloads. */
  drain(): string[] {
    const out: string[] = [];
    for (let first = this.queue.first; first !== null; first = this.queue.first) {
      this.queue.remove(first);
      out.push(new TextDecoder().decode(first.bytes));
    }
    return out;
  }
}

test("messages leave in the order of their calls and are counted", () => {
  const queue = new Queue().push(message("a"), message("bb"), message("ccc"));
  assert.deepEqual([queue.queue.frames, queue.queue.bytes], [3, 6]);
  assert.deepEqual(queue.drain(), ["a", "bb", "ccc"]);
  assert.deepEqual([queue.queue.frames, queue.queue.bytes], [0, 0]);
});

test("a message in two parts counts with both, and is told from others by both", () => {
  const parts = (payload: string): Message => {
    const made = new Message("utf8", text.encode("head "), true, undefined, "reject", text.encode(payload));
    made.promise.catch(() => {});
    return made;
  };
  const queue = new Queue({ maxQueuedBytes: 12, dropPolicy: "dedupe-latest" }).push(parts("a"), parts("b"));
  assert.equal(queue.queue.bytes, 12);
  queue.push(parts("b"));
  assert.deepEqual([queue.queue.frames, queue.queue.bytes, queue.dropped], [2, 12, ["head  replaced"]]);
});

test("drop-oldest gives up the oldest messages until the new one fits", () => {
  const queue = new Queue({ maxQueuedBytes: 10 }).push(message("aaaa"), message("bbbb"), message("cccccccc"));
  assert.deepEqual(queue.dropped, ["aaaa oldest", "bbbb oldest"]);
  assert.deepEqual(queue.drain(), ["cccccccc"]);
});

test("drop-oldest counts messages as well as bytes", () => {
  const queue = new Queue().push(message("a"), message("b"), message("c"), message("d"));
  assert.deepEqual(queue.dropped, ["a oldest"]);
  assert.deepEqual(queue.drain(), ["b", "c", "d"]);
});

test("drop-newest refuses the new message and keeps what waits", () => {
  const queue = new Queue({ dropPolicy: "drop-newest" });
  queue.push(message("a"), message("b"), message("c"), message("d"));
  assert.deepEqual(queue.dropped, ["d newest"]);
  assert.deepEqual(queue.drain(), ["a", "b", "c"]);
});

for (const dropPolicy of ["drop-oldest", "drop-newest", "dedupe-latest"] as const) {
  test(`${dropPolicy} refuses a message larger than the queue and drops nothing for it`, () => {
    const queue = new Queue({ dropPolicy, maxQueuedBytes: 3 }).push(message("a"), message("bbbb"));
    assert.deepEqual(queue.dropped, ["bbbb too-large"]);
    assert.deepEqual(queue.drain(), ["a"]);
  });
}

test("dedupe-latest replaces a message with the same key at its place, also when there is room", () => {
  const queue = new Queue({ dropPolicy: "dedupe-latest" });
  queue.push(message("old", "k"), message("b"), message("new", "k"));
  assert.deepEqual(queue.dropped, ["old replaced"]);
  assert.deepEqual(queue.drain(), ["new", "b"]);
});

test("dedupe-latest replaces by key whatever the kind and the bytes", () => {
  const queue = new Queue({ dropPolicy: "dedupe-latest" });
  queue.push(message("text", "k"), message("bytes", "k", "binary"));
  assert.deepEqual(queue.drain(), ["bytes"]);
});

test("dedupe-latest keeps equal messages without a key while there is room", () => {
  const queue = new Queue({ dropPolicy: "dedupe-latest" }).push(message("same"), message("same"));
  assert.deepEqual(queue.dropped, []);
  assert.deepEqual(queue.drain(), ["same", "same"]);
});

test("dedupe-latest replaces one of equal type and bytes when the queue is full", () => {
  const queue = new Queue({ dropPolicy: "dedupe-latest" });
  queue.push(message("a"), message("b"), message("c"), message("b"));
  assert.deepEqual(queue.dropped, ["b replaced"]);
  assert.deepEqual(queue.drain(), ["a", "b", "c"]);
});

test("dedupe-latest drops the oldest when nothing matches", () => {
  const queue = new Queue({ dropPolicy: "dedupe-latest" });
  queue.push(message("a"), message("b"), message("c"), message("b", undefined, "binary"));
  assert.deepEqual(queue.dropped, ["a oldest"]);
});

test("dedupe-latest does not take a message without a key for one with a key", () => {
  const queue = new Queue({ dropPolicy: "dedupe-latest" });
  queue.push(message("a"), message("b", "k"), message("c"), message("b"), message("new", "other"));
  assert.deepEqual(queue.dropped, ["a oldest", "b oldest"]);
});

test("a larger replacement makes room by dropping the oldest others, never itself", () => {
  const queue = new Queue({ dropPolicy: "dedupe-latest", maxQueuedBytes: 10 });
  queue.push(message("k", "k"), message("bbbb"), message("cccc"), message("kkkkkk", "k"));
  assert.deepEqual(queue.dropped, ["k replaced", "bbbb oldest"]);
  assert.deepEqual(queue.drain(), ["kkkkkk", "cccc"]);
});

test("keys mean nothing under the other policies", () => {
  const queue = new Queue().push(message("old", "k"), message("new", "k"));
  assert.deepEqual(queue.drain(), ["old", "new"]);
});

test("the limits are asked for at each message", () => {
  const queue = new Queue().push(message("aaaa"), message("bbbb"));
  queue.settings.maxQueuedBytes = 6;
  queue.push(message("cc"));
  assert.deepEqual(queue.dropped, ["aaaa oldest"]);
});

test("a message can be taken out of the middle, once", () => {
  const middle = message("b");
  const queue = new Queue().push(message("a"), middle, message("c"));
  queue.queue.remove(middle);
  queue.queue.remove(middle);
  assert.deepEqual([queue.queue.frames, queue.queue.bytes], [2, 2]);
  assert.deepEqual(queue.drain(), ["a", "c"]);
});

test("a long queue that is emptied from the front keeps order and counts", () => {
  const queue = new Queue({ maxQueueCount: 10_000, maxQueuedBytes: 1 << 20 });
  const all = Array.from({ length: 5000 }, (_, i) => String(i));
  for (const one of all) queue.push(message(one));
  assert.deepEqual(queue.drain(), all);
  queue.push(message("again"));
  assert.deepEqual(queue.drain(), ["again"]);
});

test("clear takes everything out, and nothing twice", () => {
  const queue = new Queue().push(message("a"), message("b"));
  assert.equal(queue.queue.clear().length, 2);
  assert.deepEqual([queue.queue.clear().length, queue.queue.frames, queue.queue.bytes], [0, 0, 0]);
});

test("a dropped message is counted, told with its reason, and rejects its promise", async () => {
  const backpressure = { highWaterMark: 100, lowWaterMark: 50, maxQueuedBytes: 1000, maxQueueCount: 1 };
  const stage = new ManualStage({ settings: { backpressure: { ...backpressure, dropPolicy: "drop-oldest" } } });
  void stage.session.send("utf8", "x".repeat(100));
  const first = watch(stage.session.send("utf8", "first"));
  const second = watch(stage.session.send("binary", new Uint8Array(3)));
  const huge = watch(stage.session.send("utf8", "y".repeat(1000)));
  await stage.pass();
  assert.equal(first.error?.message.startsWith("message dropped (oldest)"), true);
  assert.equal((huge.error as unknown as { reason: string }).reason, "too-large");
  assert.equal(second.state, "pending");
  assert.deepEqual(stage.end.log.slice(-2), ["dropped oldest utf8", "dropped too-large utf8"]);
  assert.equal(stage.session.stats.droppedFrames, 2);
});

test("the same key replaces per session and resolves only the newer promise", async () => {
  const backpressure = { highWaterMark: 100, lowWaterMark: 50, maxQueuedBytes: 1000, maxQueueCount: 9 };
  const stage = new ManualStage({ settings: { backpressure: { ...backpressure, dropPolicy: "dedupe-latest" } } });
  void stage.session.send("utf8", "x".repeat(100));
  const old = watch(stage.session.send("utf8", "at 1", { key: "cursor" }));
  const fresh = watch(stage.session.send("utf8", "at 2", { key: "cursor" }));
  stage.taken();
  stage.flush();
  assert.deepEqual(stage.taken(), [frames.utf8(2, "at 2")]);
  stage.give(frames.ack(2));
  await stage.pass();
  assert.equal((old.error as unknown as { reason: string }).reason, "replaced");
  assert.equal(fresh.value, true);
});
