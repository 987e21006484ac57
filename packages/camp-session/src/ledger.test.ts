import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledger } from "./ledger.js";
import { Message, OutFrame, WatchedFrame } from "./out-frame.js";
import { frames, ManualStage, Stage, watch } from "./testing/index.js";

// Numbers and the ack clock: rules 9.

function ledger(unackedBytesMax = 1_000_000): { ledger: Ledger; stamped: number[] } {
  const stamped: number[] = [];
  return {
    ledger: new Ledger({ stamp: (_, number) => stamped.push(number) }, unackedBytesMax),
    stamped,
  };
}

const message = (bytes = 10): Message => new Message("utf8", new Uint8Array(bytes), true, undefined);

test("numbers run 0, 1, 2 in the order of hand-over", () => {
  const { ledger: book, stamped } = ledger();
  for (let i = 1; i <= 3; i++) book.add(message(), 0, i * 10);
  assert.deepEqual(stamped, [0, 1, 2]);
});

test("a number is acknowledged once, in any order, and others are not outstanding", () => {
  const { ledger: book } = ledger();
  const [a, b] = [message(), message()];
  book.add(a, 0, 10);
  book.add(b, 0, 20);
  assert.equal(book.acknowledge(1, 5), b);
  assert.equal(book.acknowledge(1, 5), null);
  assert.equal(book.acknowledge(7, 5), null);
  assert.equal(book.acknowledge(0, 5), a);
  assert.deepEqual([book.unackedFrames, book.unackedBytes, book.unackedMessages], [0, 0, 0]);
});

test("it is full at 65 536 frames or at its limit of bytes", () => {
  const { ledger: book } = ledger(100);
  for (let i = 0; i < 9; i++) book.add(message(), 0, i);
  assert.equal(book.full, false);
  book.add(message(), 0, 10);
  assert.equal(book.full, true);
  book.acknowledge(3, 0);
  assert.equal(book.full, false);
  const { ledger: many } = ledger();
  for (let i = 0; i < 65_535; i++) many.add(message(0), 0, 0);
  assert.equal(many.full, false);
  many.add(message(0), 0, 0);
  assert.equal(many.full, true);
});

test("the clock of a frame starts when its last byte has left", () => {
  const { ledger: book } = ledger();
  book.add(message(), 0, 10);
  book.add(message(), 0, 20);
  assert.equal(book.deadline(1000), Number.POSITIVE_INFINITY);
  assert.equal(book.flushedTo(9, 5), false);
  assert.equal(book.flushedTo(10, 7), true);
  assert.equal(book.deadline(1000), 1007);
  assert.deepEqual(book.expire(1000, 1006), []);
  assert.equal(book.expire(1000, 1007).length, 1);
  book.flushedTo(20, 1010);
  assert.equal(book.deadline(1000), 2010);
});

test("the clock stands still while it is stopped", () => {
  const { ledger: book } = ledger();
  book.add(message(), 0, 10);
  book.flushedTo(10, 0);
  book.stopClock(400);
  assert.equal(book.deadline(1000), Number.POSITIVE_INFINITY);
  assert.deepEqual(book.expire(1000, 5000), []);
  book.startClock(5000);
  assert.equal(book.deadline(1000), 5600);
  assert.equal(book.expire(1000, 5599).length, 0);
  assert.equal(book.expire(1000, 5600).length, 1);
});

test("a frame that is sent again keeps the time that it has waited already", () => {
  const { ledger: book } = ledger();
  const frame = message();
  book.add(frame, 0, 10);
  book.flushedTo(10, 0);
  assert.deepEqual(book.reset(300), [frame]);
  book.add(frame, 90_000, 10);
  book.flushedTo(10, 90_000);
  assert.equal(frame.number, 0);
  assert.equal(book.deadline(1000), 90_700);
});

test("frames without a clock never expire and hide no frame behind them", () => {
  const { ledger: book } = ledger();
  book.add(new WatchedFrame(new Uint8Array(5), () => {}), 0, 5);
  book.add(new OutFrame(new Uint8Array(5), true, "forget"), 0, 10);
  book.add(message(), 0, 20);
  book.flushedTo(20, 0);
  const overdue = book.expire(1000, 1000);
  assert.deepEqual(
    overdue.map(({ expiry }) => expiry),
    ["forget", "reject"],
  );
  assert.equal(book.unackedFrames, 1);
});

test("the round-trip time is an average with weight 0.2 for the newest", () => {
  const { ledger: book } = ledger();
  assert.equal(book.rttMs, null);
  book.add(message(), 0, 10);
  book.acknowledge(0, 10);
  assert.equal(book.rttMs, 10);
  book.add(message(), 100, 20);
  book.acknowledge(1, 120);
  assert.equal(book.rttMs, 12);
});

test("a message that is not acknowledged in time rejects exactly ackTimeoutMs after it left", async () => {
  const stage = await Stage.open({ settings: { ackTimeoutMs: 1000 } });
  const sent = watch(stage.session.send("utf8", "unanswered"));
  await stage.pass(999);
  assert.equal(sent.state, "pending");
  await stage.pass(1);
  assert.equal(sent.error?.code, "ACK_TIMEOUT");
  assert.equal(stage.session.stats.ackTimeouts, 1);
  stage.peer.send(frames.ack(1));
  await stage.pass();
  assert.equal(stage.session.stats.strayAcks, 1);
  assert.equal(stage.session.state, "open");
});

test("the ack clock does not start while the frame is still in the socket", async () => {
  const stage = new ManualStage({ settings: { ackTimeoutMs: 1000, keepAliveIntervalMs: 1_000_000 } });
  const sent = watch(stage.session.send("utf8", "slow line"));
  await stage.pass(50_000);
  stage.flush(5);
  await stage.pass(50_000);
  assert.equal(sent.state, "pending");
  stage.flush();
  await stage.pass(999);
  assert.equal(sent.state, "pending");
  await stage.pass(1);
  assert.equal(sent.error?.code, "ACK_TIMEOUT");
});

test("the ack clock stands still while disconnected", async () => {
  const stage = await Stage.open({ reconnects: true, settings: { ackTimeoutMs: 1000 } });
  const sent = watch(stage.session.send("utf8", "patient"));
  await stage.pass(600);
  stage.near.cut(true, true);
  await stage.pass(1);
  await stage.pass(100_000);
  assert.equal(sent.state, "pending");
  await stage.introduce();
  await stage.pass(300);
  assert.equal(sent.state, "pending");
  await stage.pass(100);
  assert.equal(sent.error?.code, "ACK_TIMEOUT");
});

test("an ACK for a number that is not outstanding is ignored and counted", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.ack(0), frames.ack(4_000_000_000));
  await stage.pass();
  assert.equal(stage.session.stats.strayAcks, 2);
  assert.equal(stage.session.state, "open");
});

test("the receiver echoes whatever number and draws no conclusion from it", async () => {
  const stage = await Stage.open();
  stage.peer.send(frames.utf8(77, "a"), frames.utf8(77, "b"), frames.utf8(0xffff_ffff, "c"), frames.utf8(3, "d"));
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ack(77), frames.ack(77), frames.ack(0xffff_ffff), frames.ack(3)]);
  assert.deepEqual(
    stage.end.messages.map(({ payload }) => payload),
    ["a", "b", "c", "d"],
  );
});
