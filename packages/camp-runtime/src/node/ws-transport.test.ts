import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import type { SessionInputs } from "camp-session";
import { connectedPair, type Side } from "./loopback.test.js";
import { WsTransport } from "./ws-transport.js";

/** Keeps what a transport tells, in order, and lets a test wait for it. */
class Recorder implements SessionInputs {
  readonly log: string[] = [];
  #wake = (): void => undefined;

  received(bytes: Uint8Array): void {
    this.#add(Buffer.from(bytes).toString());
  }
  receivedText(): void {
    this.#add("text");
  }
  writable(): void {
    this.#add("writable");
  }
  tick(): void {
    this.#add("tick");
  }
  closed(code: number, reason: string): void {
    this.#add(`closed ${code} ${reason}`);
  }

  /** Resolves once the entry is in the log. */
  async until(entry: string | RegExp): Promise<void> {
    const matches = (line: string) => (typeof entry === "string" ? line === entry : entry.test(line));
    while (!this.log.some(matches)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #add(line: string): void {
    this.log.push(line);
    this.#wake();
  }
}

/** A transport on the server's end, with the bare client at the other. */
async function setUp(t: TestContext, { started = true, maxPayload = 0 } = {}) {
  const { server, client } = await connectedPair(t, maxPayload);
  const session = new Recorder();
  const transport = new WsTransport(server.ws, server.socket, "none");
  transport.drive(session);
  if (started) transport.start();
  return { session, transport, server, client };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Resolves when bytes have arrived that nobody reads. */
async function waiting({ socket }: Side): Promise<void> {
  while (socket.readableLength === 0) await turn();
}

/** Resolves when all that `from` sent so far has arrived: the answer to a ping overtakes nothing. */
async function arrived(from: Side): Promise<void> {
  from.ws.ping();
  await once(from.ws, "pong");
}

test("nothing is delivered before start, and then all of it in order", async (t) => {
  const { session, transport, client, server } = await setUp(t, { started: false });
  client.ws.send(Buffer.from("one"));
  client.ws.send("two");
  client.ws.close(4000, "bye");
  await waiting(server);
  assert.deepEqual(session.log, []);
  transport.start();
  await session.until("closed 4000 bye");
  assert.deepEqual(session.log, ["one", "text", "closed 4000 bye"]);
});

test("what a connection brought before it broke is delivered at start", async (t) => {
  const { session, transport, client, server } = await setUp(t, { started: false });
  client.ws.send(Buffer.from("one"));
  await waiting(server);
  server.socket.destroy();
  await once(server.ws, "close");
  assert.deepEqual(session.log, []);
  transport.start();
  assert.deepEqual(session.log, ["one", "closed 1006 "]);
});

test("the frames of one turn leave in one batch with one writable", async (t) => {
  const { session, transport, server, client } = await setUp(t);
  const received: string[] = [];
  client.ws.on("message", (data) => received.push(String(data)));
  const write = t.mock.method(server.socket, "write");
  for (const text of ["a", "b", "c"]) transport.send(Buffer.from(text));
  assert.equal(transport.bufferedBytes, 9);
  assert.equal(write.mock.callCount(), 0);
  assert.deepEqual(session.log, []);
  await session.until("writable");
  assert.equal(write.mock.callCount(), 1);
  assert.equal(transport.bufferedBytes, 0);
  await arrived(server);
  assert.deepEqual(received, ["a", "b", "c"]);
  assert.deepEqual(session.log, ["writable"]);
});

test("after many turns of one frame the next leaves at once, and what follows in its turn in one batch", async (t) => {
  const { session, transport, server, client } = await setUp(t);
  const received: string[] = [];
  client.ws.on("message", (data) => received.push(String(data)));
  const write = t.mock.method(server.socket, "write");
  const writesOf = async (...texts: string[]) => {
    write.mock.resetCalls();
    session.log.length = 0;
    const atOnce = texts.map((text) => {
      transport.send(Buffer.from(text));
      return write.mock.callCount();
    });
    await session.until("writable");
    await turn();
    assert.deepEqual(session.log, ["writable"]);
    return [...atOnce, write.mock.callCount()];
  };
  for (const text of "0123456789abcdef") assert.deepEqual(await writesOf(text), [0, 1]);
  assert.deepEqual(await writesOf("g"), [1, 1]);
  assert.deepEqual(await writesOf("h", "i", "j"), [1, 1, 1, 2]);
  assert.deepEqual(await writesOf("k", "l"), [0, 0, 1]);
  for (const text of "mnopqrstuvwxyzAB") assert.deepEqual(await writesOf(text), [0, 1]);
  assert.deepEqual(await writesOf("C"), [1, 1]);
  session.log.length = 0;
  transport.send(Buffer.from("D"), Buffer.from("D"));
  transport.send(Buffer.from("E"));
  await session.until("writable");
  await arrived(server);
  assert.deepEqual(received, [..."0123456789abcdefghijklmnopqrstuvwxyzABC", "DD", "E"]);
  assert.deepEqual(session.log, ["writable"]);
});

test("what does not leave at once is told writable when it has left, once for each turn", async (t) => {
  const { session, transport, server, client } = await setUp(t);
  const large = Buffer.alloc(16_000_000);
  client.socket.pause();
  for (let at = 0; at < 2; at++) {
    transport.send(Buffer.from("before"));
    transport.send(large);
    transport.send(Buffer.from("behind"));
    await turn();
    await turn();
  }
  assert.ok(transport.bufferedBytes > large.length);
  assert.deepEqual(session.log, []);
  client.socket.resume();
  await arrived(server);
  assert.equal(transport.bufferedBytes, 0);
  assert.deepEqual(session.log, ["writable", "writable"]);
  transport.send(Buffer.from("at once"));
  await turn();
  assert.deepEqual(session.log, ["writable", "writable", "writable"]);
  transport.send(Buffer.from("at once again"));
  await turn();
  assert.equal(session.log.length, 4);
});

test("what is sent before start leaves with the turn of start, together with the answers to what had come", async (t) => {
  const { session, transport, server, client } = await setUp(t, { started: false });
  const received: string[] = [];
  client.ws.on("message", (data) => received.push(String(data)));
  client.ws.send(Buffer.from("early"));
  await waiting(server);
  const { bytesWritten } = server.socket;
  transport.send(Buffer.from("greeting"));
  await turn();
  assert.equal(server.socket.bytesWritten, bytesWritten);
  assert.deepEqual(received, []);
  session.received = () => transport.send(Buffer.from("answer"));
  const write = t.mock.method(server.socket, "write");
  transport.start();
  await session.until("writable");
  assert.equal(write.mock.callCount(), 1);
  await arrived(server);
  assert.deepEqual(received, ["greeting", "answer"]);
});

test("a session that sends more when it is told writable is told again, each time once", async (t) => {
  const { session, transport } = await setUp(t);
  let rounds = 0;
  const writable = session.writable.bind(session);
  session.writable = () => {
    writable();
    rounds += 1;
    if (rounds === 3) return;
    transport.send(Buffer.from("x"));
    transport.send(Buffer.from("y"));
  };
  transport.send(Buffer.from("first"));
  while (rounds < 3) await turn();
  await turn();
  assert.deepEqual(session.log, ["writable", "writable", "writable"]);
});

test("small frames to a slow peer are joined, keep their place among large ones, and are told writable once", async (t) => {
  const { session, transport, server, client } = await setUp(t);
  const received: string[] = [];
  client.ws.on("message", (data) => received.push((data as Buffer).toString("latin1", 0, 2)));
  const backlog = Buffer.alloc(100_000, "A");
  for (const frame of [backlog, Buffer.from("b"), Buffer.from("c"), backlog, Buffer.from("d")]) transport.send(frame);
  assert.equal(transport.bufferedBytes, 2 * (backlog.length + 10) + 3 * 3);
  await session.until("writable");
  assert.equal(transport.bufferedBytes, 0);
  await arrived(server);
  assert.deepEqual(received, ["AA", "b", "c", "AA", "d"]);
  assert.deepEqual(session.log, ["writable"]);
});

test("bytes that are handed over are not changed by masking, so that they can be sent again", async (t) => {
  const { client, server } = await connectedPair(t);
  const transport = new WsTransport(client.ws, client.socket, "random key");
  transport.drive(new Recorder());
  transport.start();
  const bytes = new Uint8Array(Buffer.from("unchanged"));
  transport.send(bytes);
  const [data] = await once(server.ws, "message");
  assert.equal(String(data), "unchanged");
  assert.equal(Buffer.from(bytes).toString(), "unchanged");
});

test("pause stops reading and resume goes on, however often each is called", async (t) => {
  const { session, transport, client, server } = await setUp(t);
  assert.equal(transport.pause(), true);
  assert.equal(transport.pause(), true);
  client.ws.send(Buffer.from("later"));
  await waiting(server);
  assert.deepEqual(session.log, []);
  transport.resume();
  transport.resume();
  await session.until("later");
});

test("a session that pauses before start is not read from at start", async (t) => {
  const { session, transport, client, server } = await setUp(t, { started: false });
  transport.pause();
  transport.start();
  client.ws.send(Buffer.from("later"));
  await waiting(server);
  assert.deepEqual(session.log, []);
  transport.resume();
  await session.until("later");
});

test("close sends what was handed over in the same turn, then ends with the code of the closing handshake", async (t) => {
  const { session, transport, client } = await setUp(t);
  const events: string[] = [];
  client.ws.on("message", (data) => events.push(String(data)));
  client.ws.on("close", (code, reason) => events.push(`${code} ${reason}`));
  transport.send(Buffer.from("last words"));
  transport.close(4000, "done");
  transport.send(Buffer.from("too late"));
  assert.equal(transport.pause(), true);
  await session.until("closed 4000 done");
  assert.deepEqual(events, ["last words", "4000 done"]);
  assert.equal(transport.bufferedBytes, 0);
});

test("a paused connection can still be closed", async (t) => {
  const { session, transport, client, server } = await setUp(t);
  transport.pause();
  client.ws.send(Buffer.alloc(1_000_000));
  await waiting(server);
  transport.close(4001, "enough");
  await session.until("closed 4001 enough");
});

test("a close frame without a code is 1005, a connection that breaks 1006", async (t) => {
  const first = await setUp(t);
  first.client.ws.close();
  await first.session.until("closed 1005 ");
  const second = await setUp(t);
  second.client.ws.terminate();
  await second.session.until("closed 1006 ");
  await turn();
  for (const { session } of [first, second]) assert.equal(session.log.length, 1);
});

test("a session that terminates its connection hears nothing of it any more", async (t) => {
  const { session, transport, client } = await setUp(t);
  const gone = once(client.ws, "close");
  client.ws.send(Buffer.from("never read"));
  transport.terminate();
  await gone;
  await turn();
  assert.deepEqual(session.log, []);
});

const illegal: [what: string, bytes: number[], closed: RegExp][] = [
  ["a message over the limit", [0x82, 0xfe, 0x04, 0x01, 0, 0, 0, 0], /^closed 1009 Max payload size exceeded$/],
  ["a reserved opcode", [0x83, 0x80, 0, 0, 0, 0], /^closed 1002 Invalid WebSocket frame/],
  ["a frame without a mask", [0x82, 0x00], /^closed 1002 Invalid WebSocket frame/],
  ["text that is no UTF-8", [0x81, 0x81, 0, 0, 0, 0, 0xff], /^closed 1007 Invalid WebSocket frame/],
];
for (const [what, bytes, closed] of illegal) {
  test(`${what} ends the connection, and the session learns why`, async (t) => {
    const { session, client } = await setUp(t, { maxPayload: 1024 });
    client.socket.write(Buffer.from(bytes));
    await session.until(closed);
    assert.equal(session.log.length, 1);
  });
}

test("receivedBytes counts the bytes of a frame that is not complete", async (t) => {
  const { session, transport, client, server } = await setUp(t);
  const before = transport.receivedBytes;
  client.socket.write(Buffer.from([0x82, 0x85, 0, 0, 0, 0, 0x61]));
  await once(server.socket, "data");
  assert.equal(transport.receivedBytes, before + 7);
  assert.deepEqual(session.log, []);
  client.socket.write("bcde");
  await session.until("abcde");
});

test("an error thrown by the session is not swallowed", async (t) => {
  const { session, server } = await setUp(t);
  session.received = () => {
    throw new Error("a bug");
  };
  assert.throws(() => server.ws.emit("message", Buffer.from("x"), true), /a bug/);
});
