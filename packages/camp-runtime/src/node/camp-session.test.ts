import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { type CampSession, defaultSettings, type SessionSettings } from "camp-session";
import { calmNetwork, SimulatedEnd, VirtualTime } from "camp-session/testing";
import type { NodeSessionConfig } from "./assemble.js";
import { type CampClientSession, createCampClientSession } from "./camp-client-session.js";
import { type CampNodeSession, createCampSession } from "./camp-session.js";
import { type Extension, Extensions } from "./extensions.js";
import type { SessionInfo } from "./node-session.js";
import { CAMPReadable } from "./readable.js";
import type { SourceInput } from "./sources.js";

const info: SessionInfo = {
  path: "/secret-path",
  query: new URLSearchParams("room=secret-room"),
  headers: { cookie: "secret-cookie" },
  origin: "https://secret.example",
  subprotocol: "camp",
};

interface Options {
  readonly settings?: Partial<SessionSettings>;
  readonly server?: Partial<NodeSessionConfig<CampNodeSession, bigint>>;
  readonly client?: Partial<NodeSessionConfig<CampClientSession, bigint>>;
}

/** A server's and a client's session over a simulated network. */
class Pair {
  readonly time = new VirtualTime(() => new Promise((resolve) => setImmediate(resolve)));
  readonly extensions = new Extensions<CampNodeSession, Pair>((...failure) => this.hookFailures.push(failure));
  readonly hookFailures: [extension: string, error: Error, session: CampNodeSession][] = [];
  readonly server: CampNodeSession;
  readonly client: CampClientSession;
  readonly engines: readonly [CampSession, CampSession];

  constructor(options: Options = {}) {
    const deadlines = {
      clockFor: (tick: () => void) => ({ ...this.time.clock(tick), dispose() {} }),
    };
    const common = {
      id: 17_000_000_000_000_000_001n,
      settings: { ...defaultSettings, ...options.settings },
      deadlines,
      phase: 0,
      info,
      remoteAddress: "192.0.2.1",
      onClosed() {},
    };
    const server = createCampSession({
      ...common,
      role: "server",
      type: "client",
      extensions: this.extensions,
      reconnects: false,
      ...options.server,
    });
    const client = createCampClientSession({
      ...common,
      nextToken: null,
      role: "client",
      type: undefined,
      reconnects: true,
      ...options.client,
    });
    this.server = server.session;
    this.client = client.session;
    this.engines = [server.engine, client.engine];
  }

  /** Both ends, on a fresh connection and past the handshake. */
  static async connected(options: Options = {}): Promise<Pair> {
    const pair = new Pair(options);
    pair.connect();
    await pair.time.advance(20);
    assert.equal(pair.client.state, "open");
    return pair;
  }

  connect(): readonly [SimulatedEnd, SimulatedEnd] {
    const ends = SimulatedEnd.pair(this.time, { ...calmNetwork });
    for (const [index, end] of ends.entries()) {
      const engine = this.engines[index]!;
      if (engine.state === "closed") continue;
      engine.attach(end);
      end.drive(engine);
    }
    return ends;
  }

  /** Lets time pass until the promise settles; files and Blobs are as fast as they are. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    promise.then(
      () => (settled = true),
      () => (settled = true),
    );
    while (!settled) await this.time.advance(0.1);
    return promise;
  }
}

async function* silent(): AsyncGenerator<Uint8Array> {
  await new Promise(() => {});
}

function* counted(bytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes; at += 1000) yield new Uint8Array(Math.min(1000, bytes - at)).fill(at / 1000);
}

function log(session: CampNodeSession): unknown[] {
  const events: unknown[] = [];
  session.on("connected", () => events.push("connected"));
  session.on("disconnected", (...args) => events.push(["disconnected", ...args]));
  session.on("reconnected", () => events.push("reconnected"));
  session.on("closed", (...args) => events.push(["closed", ...args]));
  return events;
}

test("both ends are connected once, after their owners heard of it", async () => {
  const lifecycle: string[] = [];
  const pair = new Pair({
    client: {
      lifecycle: {
        connected: () => lifecycle.push("owner"),
        disconnected() {},
        closed() {},
      },
    },
  });
  assert.equal(pair.client.state, "idle");
  pair.client.on("connected", () => lifecycle.push("user"));
  const events = log(pair.server);
  pair.connect();
  assert.equal(pair.client.state, "handshaking");
  await pair.time.advance(20);
  assert.deepEqual(lifecycle, ["owner", "user"]);
  assert.deepEqual(events, ["connected"]);
});

test("messages of each kind arrive in order, and their promises resolve to true", async () => {
  const pair = await Pair.connected();
  const heard: unknown[] = [];
  pair.server.on("message-utf8", (text) => heard.push(text));
  pair.server.on("message-binary", (bytes) => heard.push(bytes));
  pair.server.on("message-error", (text) => heard.push(new Error(text)));
  const sent = Promise.all([
    pair.client.base.SendUTF8("text"),
    pair.client.base.SendBinary(Buffer.from("buffer")),
    pair.client.base.SendBinary(new Uint8Array([1, 2])),
    pair.client.base.SendBinary(new Uint8Array([3]).buffer),
    pair.client.base.SendError("fault"),
  ]);
  assert.deepEqual(await pair.until(sent), [true, true, true, true, true]);
  const expected = ["text", Buffer.from("buffer"), Buffer.from([1, 2]), Buffer.from([3]), new Error("fault")];
  assert.deepEqual(heard, expected);
});

test("bytes of another realm are bytes", async () => {
  const pair = await Pair.connected();
  const heard = once(pair.server, "message-binary");
  pair.client.base.SendBinary(runInNewContext("new Uint8Array([1, 2]).buffer"));
  assert.deepEqual(await pair.until(heard), [Buffer.from([1, 2])]);
});

test("bytes may be reused once SendBinary returned", async () => {
  const pair = await Pair.connected();
  const bytes = Buffer.from("before");
  const heard = once(pair.server, "message-binary");
  pair.client.base.SendBinary(bytes);
  bytes.fill(0);
  assert.deepEqual(await pair.until(heard), [Buffer.from("before")]);
});

test("large payloads may be reused as well, and sessions that send the same one at once all send it as it was", async () => {
  const pairs = await Promise.all([Pair.connected(), Pair.connected(), Pair.connected()]);
  const bytes = Buffer.alloc(10_000, "a");
  const text = "ü".repeat(10_000);
  const heard = pairs.map(({ client }) => once(client, "message-binary"));
  const heardTexts = pairs.map(({ client }) => once(client, "message-utf8"));
  for (const { server } of pairs.slice(0, 2)) {
    server.base.SendBinary(bytes);
    server.base.SendUTF8(text);
  }
  bytes.fill("b");
  pairs[2]!.server.base.SendBinary(bytes);
  pairs[2]!.server.base.SendUTF8(text);
  bytes.fill("c");
  for (const [index, pair] of pairs.entries()) {
    assert.deepEqual(await pair.until(heard[index]!), [Buffer.alloc(10_000, index < 2 ? "a" : "b")]);
    assert.deepEqual(await pair.until(heardTexts[index]!), [text]);
  }
});

test("a payload that fills its frame is handed over as it is, a small one is copied out of it", async () => {
  const pair = await Pair.connected();
  for (const [bytes, isView] of [
    [100, true],
    [2, false],
  ] as const) {
    const heard = once(pair.server, "message-binary");
    pair.client.base.SendBinary(new Uint8Array(bytes));
    const [data] = (await pair.until(heard)) as [Buffer];
    assert.ok(Buffer.isBuffer(data));
    const behind = data.buffer.byteLength;
    assert.equal(behind > bytes && behind < 2 * bytes, isView);
  }
});

test("Ping resolves with the round-trip time", async () => {
  const pair = await Pair.connected();
  const roundTripMs = await pair.until(pair.client.base.Ping());
  assert.ok(roundTripMs >= 2 && roundTripMs < 10, `${roundTripMs} ms`);
});

test("a wrong argument throws at the call and names the parameter, not the value", async () => {
  const { server: session } = await Pair.connected();
  const { base, transaction } = session;
  const wrong = "a secret" as never;
  const calls: Record<string, () => unknown> = {
    data: () => base.SendUTF8(Buffer.from("a secret") as never),
    "data ": () => base.SendBinary(wrong),
    message: () => base.SendError(Symbol("a secret") as never),
    options: () => base.SendUTF8("text", wrong),
    "options.key": () => base.SendUTF8("text", { key: 5 as never }),
    "options.key ": () => base.SendBinary(new Uint8Array(), { key: null as never }),
    reason: () => session.Close(5 as never),
    "options ": () => session.Close("", wrong),
    "options  ": () => session.drained(null as never),
    "options.signal": () => session.drained({ signal: wrong }),
    key: () => session.Set(5 as never, 5),
    source: () => transaction.Stream(wrong),
    "options   ": () => transaction.Stream([], wrong),
    "options.streamName": () => transaction.Stream([], { streamName: 5 as never }),
    "options.behaviour": () => transaction.Stream([], { behaviour: wrong }),
    "options.size": () => transaction.Stream([], { size: wrong }),
    "options.signal ": () => transaction.Stream([], { signal: {} as never }),
    "options.onProgress": () => transaction.Stream([], { onProgress: wrong }),
    name: () => transaction.WaitForStream(5 as never),
    timeout: () => transaction.WaitForStream("name", wrong),
    "timeout ": () => transaction.WaitForStream("name", { timeout: wrong }),
    idleTimeoutMs: () => transaction.WaitForStream("name", { idleTimeoutMs: wrong }),
    signal: () => transaction.WaitForStream("name", { signal: wrong }),
    stream: () => transaction.StreamRequestRange(wrong, 0n, 1n),
  };
  for (const [name, call] of Object.entries(calls)) {
    assert.throws(call, (error) => {
      assert.ok(error instanceof TypeError, `${name}: ${error}`);
      assert.ok(error.message.startsWith(`${name.trim()} must be `), error.message);
      assert.doesNotMatch(error.message, /a secret/);
      return true;
    });
  }
});

test("numbers out of their range throw RangeError", async () => {
  const { server: session } = await Pair.connected();
  for (const code of [3999, 4001, 4099, 5000, 4100.5, Number.NaN]) {
    assert.throws(() => session.Close("", { code }), { name: "RangeError", message: /options\.code/ });
  }
  for (const size of [-1, 1.5, -1n, 1n << 63n]) {
    assert.throws(() => session.transaction.Stream([], { size }), { name: "RangeError", message: /options\.size/ });
  }
  const long = "ö".repeat(513);
  assert.throws(() => session.transaction.Stream([], { streamName: long }), { name: "RangeError", message: /1026/ });
  assert.throws(() => session.transaction.WaitForStream(long), RangeError);
  assert.throws(() => session.transaction.WaitForStream("name", -1), RangeError);
  assert.throws(() => session.transaction.WaitForStream("name", Number.NaN), RangeError);
  assert.throws(() => session.transaction.WaitForStream("name", { idleTimeoutMs: 0 }), RangeError);
});

test("Set and Get keep what the application wants to keep", async () => {
  const pair = new Pair();
  assert.equal(pair.server.Get("__TYPE"), "client");
  assert.equal(pair.client.Get("__TYPE"), undefined);
  pair.server.Set("user", { name: "Ada" });
  assert.equal(pair.server.Get<{ name: string }>("user")?.name, "Ada");
  assert.equal(pair.server.Get("nobody"), undefined);
});

test("a session tells its id, its origin and how it is", async () => {
  const { server } = await Pair.connected();
  assert.equal(server.id, 17_000_000_000_000_000_001n);
  assert.equal(server.info, info);
  assert.equal(server.remoteAddress, "192.0.2.1");
  assert.equal(server.writable, true);
  assert.equal(server.stats.queuedFrames, 0);
  await server.drained();
});

test("a session that is printed shows its id and state and nothing that may be secret", async () => {
  const { server, client } = await Pair.connected();
  for (const session of [server, client]) {
    const printed = `${inspect(session, { depth: 20, showHidden: true })}${JSON.stringify(session)}${inspect({ session })}`;
    assert.doesNotMatch(printed, /secret|cookie|192\.0\.2/);
    assert.match(printed, /17000000000000000001/);
    assert.match(printed, /open/);
  }
  assert.equal(JSON.stringify(server), '{"id":"17000000000000000001","state":"open"}');
});

test("Close ends both ends gracefully, once, whoever calls how often", async () => {
  const order: string[] = [];
  const pair = await Pair.connected({
    server: {
      lifecycle: { connected() {}, disconnected() {}, closed: () => order.push("lifecycle") },
      onClosed: () => order.push("onClosed"),
    },
  });
  const events = [log(pair.server), log(pair.client)];
  pair.server.on("closed", () => order.push("user"));
  const last = pair.server.base.SendUTF8("last words");
  const closing = pair.server.Close("enough", { code: 4100 });
  assert.equal(pair.server.state, "closing");
  const again = pair.server.Close("again");
  await pair.until(Promise.all([closing, again]));
  assert.equal(await last, true);
  await pair.time.advance(20);
  assert.deepEqual(events[0], [["closed", 4100, "enough"]]);
  assert.equal((events[1] as unknown[]).length, 1);
  assert.deepEqual(order, ["lifecycle", "onClosed", "user"]);
  assert.equal(pair.server.state, "closed");
  await pair.time.advance(600);
  assert.equal(pair.time.busy, false, "no deadline outlives the session");
  await assert.rejects(pair.server.base.SendUTF8("too late"), { code: "SESSION_CLOSED" });
  await pair.server.Close("once more");
});

test("Destroy ends at once, and what was not acknowledged rejects", async () => {
  const pair = await Pair.connected();
  const events = log(pair.server);
  const pending = pair.server.base.SendUTF8("text");
  pair.server.Destroy();
  pair.server.Destroy();
  assert.deepEqual(events, [["closed", 1006, "destroyed"]]);
  await assert.rejects(pending, { code: "SESSION_CLOSED" });
});

test("a session can be disposed of", async () => {
  const pair = await Pair.connected();
  await pair.until(pair.client[Symbol.asyncDispose]());
  assert.equal(pair.client.state, "closed");
});

test("a client is disconnected, then reconnected, and what it sent meanwhile arrives", async () => {
  const pair = new Pair();
  const events = log(pair.client);
  const [, end] = pair.connect();
  await pair.time.advance(20);
  end.cut(true, false);
  await pair.time.advance(20);
  assert.equal(pair.client.state, "disconnected");
  const sent = pair.client.base.SendUTF8("meanwhile");

  const fresh = new Pair();
  const [left, right] = SimulatedEnd.pair(pair.time, { ...calmNetwork });
  fresh.engines[0].attach(left);
  left.drive(fresh.engines[0]);
  pair.engines[1].attach(right);
  right.drive(pair.engines[1]);
  const heard = once(fresh.server, "message-utf8");
  assert.equal(await pair.until(sent), true);
  assert.deepEqual(await heard, ["meanwhile"]);
  assert.deepEqual(events, ["connected", ["disconnected", 1006, ""], "reconnected"]);
});

test("statistics are told at every heartbeat, the round-trip time from the first acknowledgement on", async () => {
  const pair = await Pair.connected({ settings: { keepAliveIntervalMs: 1000 } });
  const beats: string[] = [];
  for (const event of ["stat-rtt", "stat-bytes-rx", "stat-bytes-tx", "stat-ack-timeout"] as const) {
    pair.server.on(event, (value: number) => {
      assert.equal(typeof value, "number");
      beats.push(event);
    });
  }
  const withoutRtt = ["stat-bytes-rx", "stat-bytes-tx", "stat-ack-timeout"];
  await pair.time.advance(1000);
  assert.deepEqual(beats.splice(0), withoutRtt);
  const rtt = once(pair.server, "stat-rtt");
  pair.server.base.SendUTF8("text");
  await pair.time.advance(1000);
  assert.deepEqual(beats, ["stat-rtt", ...withoutRtt]);
  const [rttMs] = await rtt;
  assert.ok(rttMs >= 2 && rttMs < 10, `${rttMs} ms`);
});

test("a listener that throws disturbs neither later messages nor the acknowledgement", async () => {
  const pair = await Pair.connected();
  const heard: unknown[] = [];
  const fault = new Error("a listener failed");
  pair.server.on("error", (error) => heard.push(error));
  pair.server.on("message-utf8", (text) => {
    heard.push(text);
    if (text === "first") throw fault;
  });
  const sent = Promise.all([pair.client.base.SendUTF8("first"), pair.client.base.SendUTF8("second")]);
  assert.deepEqual(await pair.until(sent), [true, true]);
  assert.deepEqual(heard, ["first", fault, "second"]);
});

test("the extensions of a client see what it sends and receives, with the session as owner", async () => {
  const pair = await Pair.connected();
  const seen: unknown[] = [];
  const extension: Extension<CampClientSession, CampClientSession> = {
    name: "watcher",
    on_register: (owner) => seen.push(owner === pair.client),
    before_send_binary(session, box) {
      seen.push(session === pair.client, Buffer.isBuffer(box.value));
      box.value = Buffer.concat([box.value, Buffer.from("!")]);
      return true;
    },
    on_receive_utf8: async (_session, box) => box.value !== "forbidden",
  };
  pair.client.RegisterExtension(extension);
  assert.equal(pair.client.GetExtension("watcher"), extension);
  pair.client.on("message-utf8", (text) => seen.push(text));
  const heard = once(pair.server, "message-binary");
  pair.client.base.SendBinary(Buffer.from("loud"));
  assert.deepEqual(await pair.until(heard), [Buffer.from("loud!")]);
  const sent = Promise.all([pair.server.base.SendUTF8("forbidden"), pair.server.base.SendUTF8("allowed")]);
  assert.deepEqual(await pair.until(sent), [true, true]);
  assert.equal(pair.client.UnregisterExtension("watcher"), true);
  assert.equal(pair.client.GetExtension("watcher"), null);
  assert.deepEqual(seen, [true, true, true, "allowed"]);
});

test("a send that a hook stops resolves to false", async () => {
  const pair = await Pair.connected();
  pair.client.RegisterExtension({ name: "mute", before_send_utf8: () => false });
  assert.equal(await pair.until(pair.client.base.SendUTF8("text")), false);
});

test("a hook that throws is told to the owner of the extensions, and to listeners of a client", async () => {
  const pair = await Pair.connected();
  const fault = new Error("a hook failed");
  const on_receive_utf8 = () => {
    throw fault;
  };
  pair.extensions.register({ name: "of the server", on_receive_utf8 }, pair);
  assert.equal(await pair.until(pair.client.base.SendUTF8("text")), true);
  assert.deepEqual(pair.hookFailures, [["of the server", fault, pair.server]]);

  pair.client.RegisterExtension({ name: "of the client", on_receive_utf8 });
  const told = once(pair.client, "extension-error");
  pair.server.base.SendUTF8("text");
  assert.deepEqual(await pair.until(told), ["of the client", fault]);
});

test("a queue that overflows drops, tells and counts; drain tells when sending may go on", async () => {
  const backpressure = { ...defaultSettings.backpressure, highWaterMark: 1000, lowWaterMark: 500, maxQueueCount: 1 };
  const pair = await Pair.connected({ settings: { backpressure } });
  const dropped = once(pair.client, "dropped");
  const big = pair.client.base.SendBinary(new Uint8Array(100_000));
  assert.equal(pair.client.writable, false);
  const first = pair.client.base.SendUTF8("first");
  const second = pair.client.base.SendUTF8("second");
  await assert.rejects(pair.until(first), { code: "DROPPED", reason: "oldest" });
  assert.deepEqual(await dropped, ["oldest", "utf8"]);
  const drained = Promise.all([once(pair.client, "drain"), pair.client.drained()]);
  await pair.until(drained);
  assert.deepEqual(await pair.until(Promise.all([big, second])), [true, true]);
  assert.equal(pair.client.stats.droppedFrames, 1);
});

const content = Buffer.concat([...counted(300_000)]);
const sources: Record<string, () => SourceInput> = {
  "a Buffer": () => content,
  "a Blob": () => new Blob([content]),
  "a generator": () => counted(300_000),
};

for (const behaviour of ["push", "pull"] as const) {
  for (const [what, open] of Object.entries(sources)) {
    test(`${what} is streamed by ${behaviour}`, async () => {
      const pair = await Pair.connected();
      const sent = pair.client.transaction.Stream(open(), { streamName: "content", behaviour });
      const readable = await pair.until(pair.server.transaction.WaitForStream("content"));
      assert.ok(readable instanceof CAMPReadable);
      assert.equal(readable.behaviour, behaviour);
      assert.equal(readable.byteLength, what === "a generator" && behaviour === "push" ? null : 300_000n);
      assert.deepEqual(Buffer.concat(await pair.until(readable.toArray())), content);
      await pair.until(sent);
    });
  }
}

test("a stream without a name is waited for without one", async () => {
  const pair = await Pair.connected();
  const readable = pair.client.transaction.WaitForStream();
  const sent = pair.server.transaction.Stream([content]);
  assert.equal((await pair.until(readable)).streamName, "anonymous");
  (await readable).resume();
  await pair.until(sent);
  const named = pair.client.transaction.WaitForStream("", Number.POSITIVE_INFINITY);
  pair.server.transaction.Stream([], { streamName: "" });
  assert.equal((await pair.until(named)).streamName, "anonymous");
});

test("ranges asked for by hand come in the order asked", async () => {
  const pair = await Pair.connected();
  const sent = pair.client.transaction.Stream(content, { behaviour: "pull" });
  const readable = await pair.until(pair.server.transaction.WaitForStream());
  const { StreamRequestRange } = pair.server.transaction;
  const ask = StreamRequestRange.bind(pair.server.transaction, readable);
  const asked = Promise.all([ask(200_000n, 300_000n), ask(0n, 200_000n)]);
  await pair.until(asked);
  const read = Buffer.concat(await pair.until(readable.toArray()));
  assert.deepEqual(read, Buffer.concat([content.subarray(200_000), content.subarray(0, 200_000)]));
  await pair.until(sent);
});

test("waiting for a stream ends with its timeout or its signal", async () => {
  const pair = await Pair.connected();
  const { transaction } = pair.server;
  await assert.rejects(pair.until(transaction.WaitForStream("never", 50)), { code: "STREAM_TIMEOUT" });
  await assert.rejects(pair.until(transaction.WaitForStream("never", { timeout: 50 })), { code: "STREAM_TIMEOUT" });
  const reason = new Error("enough");
  const controller = new AbortController();
  const waiting = transaction.WaitForStream("never", { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(pair.until(waiting), reason);
});

test("progress is told, and a callback that throws is told of as an error and stops nothing", async () => {
  const pair = await Pair.connected();
  const fault = new Error("a callback failed");
  const errors: Error[] = [];
  pair.client.on("error", (error) => errors.push(error));
  let told: [bigint, bigint | null] | undefined;
  const onProgress = (...progress: [bigint, bigint | null]) => {
    told = progress;
    throw fault;
  };
  const sent = pair.client.transaction.Stream(content, { onProgress });
  (await pair.until(pair.server.transaction.WaitForStream())).resume();
  await pair.until(sent);
  assert.deepEqual(told, [300_000n, 300_000n]);
  assert.ok(errors.length > 0 && errors.every((error) => error === fault));
});

test("a stream whose name nobody knew before is told of, and can be claimed then", async () => {
  const pair = await Pair.connected();
  const told = once(pair.server, "stream-waiting");
  const sent = pair.client.transaction.Stream(content, { streamName: "a surprise" });
  assert.deepEqual(await pair.until(told), ["a surprise", 300_000n]);
  (await pair.server.transaction.WaitForStream("a surprise")).resume();
  await pair.until(sent);
});

test("a stream that nobody waits for is told of", async () => {
  const pair = await Pair.connected();
  const told = once(pair.server, "stream-unclaimed");
  const sent = pair.client.transaction.Stream(content, { streamName: "unwanted" });
  await pair.time.advance(31_000);
  assert.deepEqual(await told, ["unwanted", 0]);
  await assert.rejects(sent, { code: "STREAM_CANCELLED" });
});

test("a source that is still spooling gives up at its signal, and when the session ends", async () => {
  const pair = await Pair.connected();
  const { transaction } = pair.client;
  const reason = new Error("enough");
  const controller = new AbortController();
  const aborted = transaction.Stream(silent(), { behaviour: "pull", signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(pair.until(aborted), reason);

  const unfinished = transaction.Stream(silent(), { behaviour: "pull" });
  pair.client.Destroy();
  await assert.rejects(pair.until(unfinished), { code: "SESSION_CLOSED" });
  await assert.rejects(pair.until(transaction.Stream(silent(), { behaviour: "pull" })), { code: "SESSION_CLOSED" });
});

test("what nobody awaits raises nothing", async () => {
  const pair = await Pair.connected();
  const { base, transaction } = pair.client;
  base.SendUTF8("text");
  base.SendBinary(content);
  base.Ping();
  transaction.Stream({ path: "/nowhere/at/all" });
  transaction.Stream(silent(), { behaviour: "pull" });
  transaction.Stream(content);
  transaction.WaitForStream();
  pair.client.Destroy();
  base.SendUTF8("text");
  base.Ping();
  pair.client.drained();
  transaction.Stream(content);
  transaction.WaitForStream();
  await pair.time.advance(100);

  const slow = await Pair.connected({
    settings: { backpressure: { ...defaultSettings.backpressure, highWaterMark: 9 } },
  });
  slow.client.base.SendUTF8("more than nine");
  assert.equal(slow.client.writable, false);
  slow.client.drained();
  slow.client.Destroy();
  await slow.time.advance(100);
});

test("a stream that waits for its connection can be aborted", async () => {
  const pair = new Pair();
  const reason = new Error("enough");
  const controller = new AbortController();
  const aborted = pair.client.transaction.Stream(content, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(pair.until(aborted), reason);
  pair.connect();
  await pair.time.advance(20);
  assert.equal(pair.client.stats.openStreams, 0);
});
