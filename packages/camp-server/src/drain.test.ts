import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { camp as connect } from "camp-client-node";
import { ask, asking, join, start } from "./support.test.js";

test("a server that drains admits nobody, and says when to try again", async (t) => {
  const server = await start(t);
  const { session } = await join(t, server);
  let release = (): void => {};
  server.RegisterExtension({
    name: "slow",
    on_receive_utf8: () => new Promise((resolve) => (release = () => resolve(true))),
  });
  const told = once(session, "draining");
  const port = server.port;
  const drained = server.Drain({ deadlineMs: 5000 });
  assert.deepEqual(await told, [5000]);
  if (server.sessions.size > 0) {
    const answer = await ask(t, server, { query: asking(7n) });
    assert.equal(answer.status, 503);
    assert.equal(answer.headers["retry-after"], "2");
  }
  release();
  await drained;
  await assert.rejects(connect(`127.0.0.1:${port}`, "any", { timeout: 100 }), { code: "REFUSED" });
});

test("what is under way is finished first: a stream, and messages that are not acknowledged", async (t) => {
  const server = await start(t);
  const { client, session } = await join(t, server);
  let feed = (_: Uint8Array | null): void => {};
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => {
      feed = (bytes) => (bytes === null ? controller.close() : controller.enqueue(bytes));
    },
  });
  const sent = client.transaction.Stream(source, { streamName: "upload" });
  const upload = await session.transaction.WaitForStream("upload");
  const closed = new Promise<unknown[]>((resolve) => client.once("closed", (...end) => resolve(end)));
  const drained = server.Drain({ deadlineMs: 60_000 });
  feed(Buffer.from("first, "));
  feed(Buffer.from("second"));
  feed(null);
  const chunks: Buffer[] = [];
  for await (const chunk of upload) chunks.push(chunk as Buffer);
  assert.equal(Buffer.concat(chunks).toString(), "first, second");
  await sent;
  await drained;
  assert.deepEqual(await closed, [1001, "the server restarts"]);
});

test("the deadline ends what does not end by itself", async (t) => {
  const server = await start(t);
  const { client, session } = await join(t, server);
  const endless = new ReadableStream<Uint8Array>({ pull: () => new Promise<void>(() => {}) });
  const sent = client.transaction.Stream(endless, { streamName: "endless" });
  await session.transaction.WaitForStream("endless");
  await Promise.all([assert.rejects(sent), server.Drain({ deadlineMs: 50 })]);
});

test("Destroy cuts a drain short", async (t) => {
  const server = await start(t);
  const { client, session } = await join(t, server);
  const endless = new ReadableStream<Uint8Array>({ pull: () => new Promise<void>(() => {}) });
  const sent = client.transaction.Stream(endless, { streamName: "endless" });
  await session.transaction.WaitForStream("endless");
  const drained = server.Drain({ deadlineMs: 600_000 });
  await Promise.all([assert.rejects(sent), server.Destroy(), drained]);
});

for (const deadlineMs of [-1, Number.NaN, "soon"]) {
  test(`a deadline of ${deadlineMs} is refused`, async (t) => {
    const server = await start(t);
    await assert.rejects(server.Drain({ deadlineMs: deadlineMs as number }), /options\.deadlineMs/);
    assert.equal((await ask(t, server, { query: asking(7n) })).status, 101);
  });
}
