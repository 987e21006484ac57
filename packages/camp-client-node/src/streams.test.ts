import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { on, once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { after, before, type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { CampNodeSession } from "camp-runtime/node";
import { CAMP } from "camp-server";
import { CAMP_FLOW_BEHAVIOUR, type CAMPReadable, camp, type SourceInput } from "./index.js";

const KIB = 1024;
const MIB = 1024 * KIB;
const content = Buffer.alloc(3 * MIB + 12_345);
for (let at = 0; at + 4 <= content.byteLength; at += 4) content.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at);

let folder: string;
let path: string;
const usualFolder = process.env.TMPDIR;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "camp-streams-"));
  path = join(folder, "content");
  await writeFile(path, content);
  process.env.TMPDIR = folder;
});
after(async () => {
  if (usualFolder === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usualFolder;
  assert.deepEqual(await readdir(folder), ["content"], "a spool file was left behind");
  await rm(folder, { recursive: true });
});

interface Ends {
  readonly server: CampNodeSession;
  readonly client: CampNodeSession;
  /** The sessions that the server accepts later. */
  readonly sessions: AsyncIterator<[CampNodeSession]>;
}

/** A server and a client on the loopback interface, both past the handshake, which end with their test. */
async function connect(t: TestContext, { resumeWindowMs = 120_000 } = {}): Promise<Ends> {
  const server = await CAMP({ validate: async () => true }, { port: 0, host: "127.0.0.1", resumeWindowMs });
  t.after(() => server.Destroy());
  const sessions = on(server, "session") as AsyncIterator<[CampNodeSession]>;
  const client = await camp(`127.0.0.1:${server.port}`, "token", { reconnect: { minDelayMs: 1 } });
  t.after(() => client.Destroy());
  const { value } = await sessions.next();
  const session: CampNodeSession = value[0];
  await Promise.all([client, session].map((end) => end.state === "open" || once(end, "connected")));
  return { server: session, client, sessions };
}

const directions = [
  ["the server", "the client", (ends: Ends) => [ends.server, ends.client]],
  ["the client", "the server", (ends: Ends) => [ends.client, ends.server]],
] as const;

function* pieces(): Generator<Uint8Array> {
  for (let at = 0; at < content.byteLength; at += 100_000) yield content.subarray(at, at + 100_000);
}

const sources: Record<string, () => SourceInput> = {
  "a Buffer": () => content,
  "an ArrayBuffer": () => new Uint8Array(content).buffer,
  "a Blob": () => new Blob([content]),
  "a path": () => ({ path }),
  "a Readable": () => createReadStream(path),
  "a web stream": () => ReadableStream.from(pieces()) as ReadableStream<Uint8Array>,
  "an async iterable": () => Readable.from(pieces())[Symbol.asyncIterator](),
  "an iterable": pieces,
};

async function hash(readable: AsyncIterable<Uint8Array>): Promise<string> {
  const sum = createHash("sha256");
  for await (const chunk of readable) sum.update(chunk);
  return sum.digest("hex");
}

const contentHash = createHash("sha256").update(content).digest("hex");

for (const behaviour of ["push", "pull"] as const) {
  for (const [sender, receiver, order] of directions) {
    test(`whatever ${sender} streams by ${behaviour}, ${receiver} reads all of it`, async (t) => {
      const [from, to] = order(await connect(t)) as [CampNodeSession, CampNodeSession];
      for (const [what, open] of Object.entries(sources)) {
        const sent = from.transaction.Stream(open(), { streamName: what, behaviour });
        const readable = await to.transaction.WaitForStream(what);
        assert.equal(readable.behaviour, behaviour);
        assert.equal(await hash(readable), contentHash, what);
        assert.equal(readable.receivedBytes, BigInt(content.byteLength));
        await sent;
      }
    });
  }

  test(`an empty stream arrives by ${behaviour}`, async (t) => {
    const { server, client } = await connect(t);
    for (const source of [Buffer.alloc(0), [], new Blob([])]) {
      const sent = client.transaction.Stream(source, { behaviour });
      const readable = await server.transaction.WaitForStream();
      assert.deepEqual(await readable.toArray(), []);
      await sent;
    }
  });
}

test("a push stream of known size tells its progress on both ends", async (t) => {
  const { server, client } = await connect(t);
  const told: [bigint, bigint | null][] = [];
  const size = content.byteLength;
  const onProgress = (...progress: [bigint, bigint | null]) => told.push(progress);
  const sent = client.transaction.Stream(pieces(), { size, onProgress });
  const readable = await server.transaction.WaitForStream();
  assert.equal(readable.byteLength, BigInt(size));
  let before = 0;
  for await (const _ of readable) {
    const progress = readable.progress ?? Number.NaN;
    assert.ok(progress >= before && progress <= 1);
    before = progress;
  }
  await sent;
  assert.equal(before, 1);
  assert.equal(readable.remainingBytes, 0n);
  assert.deepEqual(told.at(-1), [BigInt(size), BigInt(size)]);
  assert.ok(told.every(([bytes], index) => index === 0 || bytes > told[index - 1]![0]));
});

test("streams of one name are handed out in the order of arrival, before and after they came", async (t) => {
  const { server, client } = await connect(t);
  const early = server.transaction.WaitForStream("twin");
  const sent = ["first", "second", "third"].map((text) =>
    client.transaction.Stream(Buffer.from(text), { streamName: "twin", behaviour: CAMP_FLOW_BEHAVIOUR.TX_PULL }),
  );
  const first = await early;
  await client.base.SendUTF8("all three have begun");
  const second = await server.transaction.WaitForStream("twin");
  const third = await server.transaction.WaitForStream("twin", 1000);
  const texts = [first, second, third].map(async (readable) => Buffer.concat(await readable.toArray()).toString());
  assert.deepEqual(await Promise.all(texts), ["first", "second", "third"]);
  await Promise.all(sent);
});

test("ranges are fetched by hand, in any order and across the whole of the stream", async (t) => {
  const { server, client } = await connect(t);
  const sent = client.transaction.Stream({ path }, { behaviour: "pull" });
  const readable = await server.transaction.WaitForStream();
  const size = BigInt(content.byteLength);
  const middle = size / 2n;
  await server.transaction.StreamRequestRange(readable, middle, size);
  const reading = readable.toArray();
  await server.transaction.StreamRequestRange(readable, 0n, middle);
  const expected = Buffer.concat([content.subarray(Number(middle)), content.subarray(0, Number(middle))]);
  assert.ok(Buffer.concat(await reading).equals(expected));
  await sent;
});

test("a slow reader holds a pushing source back, whatever the size", async (t) => {
  const { server, client } = await connect(t);
  let produced = 0;
  let taken = 0;
  let ahead = 0;
  async function* long() {
    for (let index = 0; index < 1024; index++) {
      produced += 64 * KIB;
      ahead = Math.max(ahead, produced - taken);
      yield Buffer.alloc(64 * KIB, index);
    }
  }
  const sent = client.transaction.Stream(long());
  for await (const chunk of await server.transaction.WaitForStream()) {
    taken += chunk.byteLength;
    for (let turns = 0; turns < 3; turns++) await turn();
  }
  await sent;
  assert.equal(taken, 64 * MIB);
  assert.ok(ahead <= 4 * MIB, `the source was ${ahead} bytes ahead of the reader`);
});

test("a slow reader of a pull stream asks for no more than it can hold", async (t) => {
  const { server, client } = await connect(t);
  const sent = client.transaction.Stream(Buffer.alloc(16 * MIB), { behaviour: "pull" });
  const readable = await server.transaction.WaitForStream();
  let taken = 0;
  for await (const chunk of readable) {
    taken += chunk.byteLength;
    const unread = Number(readable.receivedBytes) - taken;
    assert.ok(unread <= 2 * MIB, `${unread} bytes lie unread`);
    for (let turns = 0; turns < 3; turns++) await turn();
  }
  await sent;
  assert.equal(taken, 16 * MIB);
});

test("messages overtake a stream that nobody reads, and the stream is whole afterwards", async (t) => {
  const { server, client } = await connect(t);
  const sent = client.transaction.Stream(content, { streamName: "waiting" });
  const readable = await server.transaction.WaitForStream("waiting");
  for (let index = 0; index < 20; index++) assert.equal(await client.base.SendUTF8(`message ${index}`), true);
  assert.ok(readable.receivedBytes < content.byteLength);
  assert.equal(await hash(readable), contentHash);
  await sent;
});

test("several streams share the connection", async (t) => {
  const { server, client } = await connect(t);
  const names = Array.from({ length: 10 }, (_, index) => `stream ${index}`);
  const sent = names.map((streamName, index) =>
    client.transaction.Stream(index % 2 === 0 ? content : pieces(), {
      streamName,
      behaviour: index % 3 === 0 ? "pull" : "push",
    }),
  );
  const hashes = names.map(async (name) => hash(await server.transaction.WaitForStream(name)));
  assert.deepEqual(new Set(await Promise.all(hashes)), new Set([contentHash]));
  await Promise.all(sent);
});

/** Reads one chunk and leaves the rest. */
async function readSome(readable: CAMPReadable): Promise<void> {
  await once(readable, "readable");
  assert.ok(readable.read() !== null);
}

async function* endless(state: { closed: boolean }): AsyncGenerator<Uint8Array> {
  try {
    for (;;) yield content;
  } finally {
    state.closed = true;
  }
}

for (const [sender, receiver, order] of directions) {
  test(`${receiver} cancels a stream of ${sender}: the source is closed and the session goes on`, async (t) => {
    const [from, to] = order(await connect(t)) as [CampNodeSession, CampNodeSession];
    const ways: ((readable: CAMPReadable) => void)[] = [
      (readable) => readable.cancel("enough"),
      (readable) => readable.destroy(),
    ];
    for (const cancel of ways) {
      const source = new PassThrough();
      source.write(content);
      const sent = from.transaction.Stream(source);
      const readable = await to.transaction.WaitForStream();
      await readSome(readable);
      cancel(readable);
      await assert.rejects(sent, { code: "STREAM_CANCELLED" });
      assert.ok(source.destroyed);
      assert.equal(await to.base.SendUTF8("still here"), true);
    }
  });

  test(`${sender} aborts its stream: ${receiver} must not take it for whole`, async (t) => {
    const [from, to] = order(await connect(t)) as [CampNodeSession, CampNodeSession];
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    const state = { closed: false };
    const sent = from.transaction.Stream(endless(state), { signal: controller.signal });
    const readable = await to.transaction.WaitForStream();
    await readSome(readable);
    controller.abort(reason);
    await assert.rejects(sent, reason);
    await assert.rejects(hash(readable), { code: "STREAM_SOURCE" });
    assert.ok(state.closed);
    assert.equal(await from.base.SendUTF8("still here"), true);
  });

  test(`a source of ${sender} that fails fails the reader, too`, async (t) => {
    const [from, to] = order(await connect(t)) as [CampNodeSession, CampNodeSession];
    const fault = new Error("the disk is gone");
    async function* failing() {
      yield content;
      throw fault;
    }
    const readable = to.transaction.WaitForStream();
    const sent = from.transaction.Stream(failing());
    await assert.rejects(hash(await readable), { code: "STREAM_SOURCE", message: /the disk is gone/ });
    await assert.rejects(sent, { code: "STREAM_SOURCE", cause: fault });
  });
}

test("a source that yields less or more than it was said to fails both ends", async (t) => {
  const { server, client } = await connect(t);
  for (const size of [content.byteLength - 1, content.byteLength + 1]) {
    const readable = server.transaction.WaitForStream();
    const sent = client.transaction.Stream(pieces(), { size });
    await assert.rejects(hash(await readable), { code: "STREAM_SOURCE" });
    await assert.rejects(sent, { code: "STREAM_SOURCE" });
  }
});

test("a source that cannot be opened, or not be spooled, begins no stream", async (t) => {
  const { server, client } = await connect(t);
  await assert.rejects(client.transaction.Stream({ path: join(folder, "missing") }), { code: "ENOENT" });
  const fault = new Error("the disk is gone");
  const failing = new Readable({ read: () => failing.destroy(fault) });
  await assert.rejects(client.transaction.Stream(failing, { behaviour: "pull" }), { cause: fault });
  await assert.rejects(server.transaction.WaitForStream("anonymous", 1), { code: "STREAM_TIMEOUT" });
  assert.deepEqual(await readdir(folder), ["content"]);
});

for (const [resumeWindowMs, code, when] of [
  [0, "CONNECTION_LOST", "disconnected"],
  [120_000, "RESUME_FAILED", "reconnected"],
] as const) {
  test(`a lost session fails readers and senders with ${code}; who waits for a stream goes on waiting`, async (t) => {
    const { server, client, sessions } = await connect(t, { resumeWindowMs });
    const waiting = client.transaction.WaitForStream("later");
    const state = { closed: false };
    const sent = client.transaction.Stream(endless(state));
    const unread = server.transaction.Stream(content, { streamName: "down" });
    const down = await client.transaction.WaitForStream("down");
    await readSome(await server.transaction.WaitForStream());
    const lost = once(client, when);
    server.Destroy();
    await lost;
    await assert.rejects(sent, { code });
    await assert.rejects(hash(down), { code });
    await assert.rejects(unread, { code: "SESSION_CLOSED" });
    await turn();
    assert.ok(state.closed);
    const next: CampNodeSession = (await sessions.next()).value[0];
    const later = next.transaction.Stream(content, { streamName: "later" });
    assert.equal(await hash(await waiting), contentHash);
    await later;
  });
}

test("what had arrived whole stays readable after the session ended", async (t) => {
  const { server, client } = await connect(t);
  const small = content.subarray(0, 200 * KIB);
  const readable = server.transaction.WaitForStream();
  await client.transaction.Stream(small);
  const closed = once(server, "closed");
  await client.Close("done");
  await closed;
  assert.ok(Buffer.concat(await (await readable).toArray()).equals(small));
});
