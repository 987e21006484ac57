import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionInputs } from "camp-session";
import { type SocketLike, WebSocketTransport } from "./web-socket-transport.js";

/** A socket of a browser that does what the test says. */
class FakeSocket extends EventTarget {
  binaryType: BinaryType = "blob";
  readyState: number = 1;
  bufferedAmount = 0;
  readonly sent: unknown[] = [];
  readonly closes: unknown[][] = [];

  send(message: Uint8Array): void {
    this.sent.push(Array.from(message));
    this.bufferedAmount += message.byteLength;
  }

  close(...args: unknown[]): void {
    this.closes.push(args);
  }

  arrive(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  lose(code: number, reason: string): void {
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason }));
  }
}

/** Turns and timers that come when the test says. */
class ManualTurns {
  readonly turns: (() => void)[] = [];
  readonly timers: { readonly callback: () => void; readonly delayMs: number }[] = [];

  now(): number {
    return 0;
  }

  defer(callback: () => void): void {
    this.turns.push(callback);
  }

  setTimeout(callback: () => void, delayMs: number): void {
    this.timers.push({ callback, delayMs });
  }

  clearTimeout(): void {}

  turn(): void {
    this.turns.shift()?.();
  }
}

/** A session that notes what it is told. */
function listener(): SessionInputs & { readonly log: string[] } {
  const log: string[] = [];
  return {
    log,
    received: (bytes) => void log.push(`received ${Array.from(bytes)}`),
    receivedText: () => void log.push("text"),
    writable: () => void log.push("writable"),
    tick: () => void log.push("tick"),
    closed: (code, reason) => void log.push(`closed ${code} ${reason}`),
  };
}

function open() {
  const [socket, turns, session] = [new FakeSocket(), new ManualTurns(), listener()];
  const transport = new WebSocketTransport(socket as unknown as SocketLike, turns);
  transport.drive(session);
  return { socket, turns, session, transport };
}

function started() {
  const stage = open();
  stage.transport.start();
  return stage;
}

test("what happens before the start is told at the start, in order", () => {
  const { socket, session, transport } = open();
  assert.equal(socket.binaryType, "arraybuffer");
  socket.arrive(Uint8Array.of(1, 2).buffer);
  socket.arrive("a text");
  socket.lose(1006, "");
  assert.deepEqual(session.log, []);
  transport.start();
  assert.deepEqual(session.log, ["received 1,2", "text", "closed 1006 "]);
});

test("of a connection that its session ends at the first news, no more is told", () => {
  const { socket, session, transport } = open();
  transport.drive({
    ...session,
    received: () => {
      session.log.push("first");
      transport.terminate();
    },
  });
  socket.arrive(Uint8Array.of(1).buffer);
  socket.arrive(Uint8Array.of(2).buffer);
  transport.start();
  assert.deepEqual(session.log, ["first"]);
});

test("bytes are counted as they come, and none are held back", () => {
  const { socket, session, transport } = started();
  socket.arrive(Uint8Array.of(1, 2, 3).buffer);
  assert.equal(transport.receivedBytes, 3);
  assert.equal(transport.pause(), false);
  socket.arrive(Uint8Array.of(4).buffer);
  assert.deepEqual([transport.receivedBytes, session.log.length], [4, 2]);
});

test("the parts of a frame leave as one message", () => {
  const { socket, transport } = started();
  transport.send(Uint8Array.of(1), Uint8Array.of(2, 3), Uint8Array.of(4));
  transport.send(Uint8Array.of(5));
  assert.deepEqual(socket.sent, [[1, 2, 3, 4], [5]]);
  assert.equal(transport.bufferedBytes, 5);
});

test("a socket that is not open any more is not written to", () => {
  const { socket, turns, transport } = started();
  socket.readyState = 2;
  transport.send(Uint8Array.of(1));
  assert.deepEqual([socket.sent, turns.turns.length], [[], 0]);
});

test("writable follows when bytes have left, and an empty buffer is not looked at", () => {
  const { socket, turns, session, transport } = started();
  transport.send(new Uint8Array(10));
  transport.send(new Uint8Array(10));
  assert.equal(turns.turns.length, 1);
  turns.turn();
  assert.deepEqual(session.log, []);
  socket.bufferedAmount = 15;
  turns.turn();
  assert.deepEqual(session.log, ["writable"]);
  socket.bufferedAmount = 0;
  turns.turn();
  assert.deepEqual(session.log, ["writable", "writable"]);
  assert.deepEqual([turns.turns.length, turns.timers.length], [0, 0]);
  transport.send(new Uint8Array(1));
  assert.equal(turns.turns.length, 1);
});

test("a slow network is looked at every 4 ms after the first turns, and in turns again once bytes left", () => {
  const { socket, turns, session, transport } = started();
  transport.send(new Uint8Array(10));
  let quick = 0;
  for (; turns.turns.length > 0; quick++) turns.turn();
  assert.equal(quick, 33);
  assert.deepEqual(
    turns.timers.map(({ delayMs }) => delayMs),
    [4],
  );
  socket.bufferedAmount = 5;
  turns.timers.shift()!.callback();
  assert.deepEqual([session.log, turns.turns.length, turns.timers.length], [["writable"], 1, 0]);
});

test("codes that pages may say are said, for others the close frame has none", () => {
  const { socket, transport } = started();
  for (const code of [1000, 4000, 4101, 1001, 1008, 1011]) transport.close(code, "because");
  assert.deepEqual(socket.closes, [[1000, "because"], [4000, "because"], [4101, "because"], [], [], []]);
});

test("a connection that is terminated counts as cut at the other end, and is not heard of here", () => {
  const { socket, turns, session, transport } = started();
  transport.send(new Uint8Array(10));
  transport.terminate();
  assert.deepEqual(socket.closes, [[4003]]);
  socket.arrive(Uint8Array.of(1).buffer);
  socket.bufferedAmount = 0;
  turns.turn();
  socket.lose(1005, "");
  assert.deepEqual([session.log, turns.turns.length], [[], 0]);
});

test("a connection that is given up is over for the session at once, whatever it still brings", () => {
  const { socket, session, transport } = started();
  transport.abandon(1006, "no sign of life");
  socket.arrive(Uint8Array.of(1).buffer);
  socket.lose(1006, "");
  assert.deepEqual(socket.closes, [[4003, "no sign of life"]]);
  assert.deepEqual(session.log, ["closed 1006 no sign of life"]);
});
