import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { openPage } from "browser-testing";
import { breakableNetwork, nextSession, startServer } from "./support.test.js";

const quick = { minDelayMs: 10, maxDelayMs: 50 };

test("messages in both directions arrive once and in order through cuts, and their promises settle", async (t) => {
  const server = await startServer(t);
  const network = await breakableNetwork(t, server.port);
  const admitted = nextSession(server);
  const page = await openPage(t);
  const count = 3000;
  const finished = page.evaluate(
    async ({ host, reconnect, count }) => {
      const { camp } = await import("camp-client-browser");
      const session = await camp(host, "secret", { reconnect, backpressure: { maxQueueCount: count } });
      const outcomes: boolean[] = [];
      session.on("reconnected", ({ resumed }) => outcomes.push(resumed));
      const received: string[] = [];
      const all = new Promise<void>((resolve) => {
        session.on("message-utf8", (text) => received.push(text) === count && resolve());
      });
      // What is cut before both ends know how to resume, begins anew.
      await new Promise<void>((resolve) => void session.once("connected", resolve));
      await session.base.Ping();
      const padding = ".".repeat(500);
      const sent = Array.from({ length: count }, (_, index) => session.base.SendUTF8(`${index}${padding}`));
      const taken = (await Promise.all(sent)).filter((value) => value).length;
      await all;
      const inOrder = received.every((text, index) => Number.parseInt(text, 10) === index);
      await session.Close("done");
      return { taken, received: received.length, inOrder, outcomes };
    },
    { host: network.host, reconnect: quick, count },
  );
  const session = await admitted;
  const got: number[] = [];
  const answers: Promise<boolean>[] = [];
  session.on("message-utf8", (text) => {
    got.push(Number.parseInt(text, 10));
    answers.push(session.base.SendUTF8(text));
  });
  network.cutEvery(400_000, 5);
  const result = await finished;
  assert.equal(network.cuts, 5);
  assert.ok(result.outcomes.length > 0 && result.outcomes.every((resumed) => resumed));
  assert.deepEqual([result.taken, result.received, result.inOrder], [count, count, true]);
  assert.deepEqual(
    got,
    Array.from({ length: count }, (_, index) => index),
  );
  assert.ok((await Promise.all(answers)).every((taken) => taken));
});

for (const behaviour of ["push", "pull"] as const) {
  test(`${behaviour} streams in both directions go on where they were cut, in the same session of the server`, async (t) => {
    const server = await startServer(t);
    const network = await breakableNetwork(t, server.port);
    const admitted = nextSession(server);
    const page = await openPage(t);
    const size = 8 * 1024 * 1024;
    const finished = page.evaluate(
      async ({ host, reconnect, behaviour, size }) => {
        const { camp } = await import("camp-client-browser");
        const session = await camp(host, "secret", { reconnect });
        const file = new File([Uint8Array.from({ length: size }, (_, index) => index % 251)], "pattern");
        const up = session.transaction.Stream(file, { streamName: "up", behaviour });
        const down = await session.transaction.WaitForStream("down");
        const bytes = new Uint8Array(await new Response(down).arrayBuffer());
        await up;
        const result = { size: bytes.length, wrong: bytes.findIndex((byte, index) => byte !== index % 249) };
        await session.Close("done");
        return result;
      },
      { host: network.host, reconnect: quick, behaviour, size },
    );
    const session = await admitted;
    const events: string[] = [];
    for (const event of ["disconnected", "resumed", "closed"] as const) session.on(event, () => events.push(event));
    const ended = once(session, "closed");
    const down = session.transaction.Stream(Buffer.from(Uint8Array.from({ length: size }, (_, index) => index % 249)), {
      streamName: "down",
      behaviour,
    });
    const up = session.transaction.WaitForStream("up").then(async (stream) => {
      const hash = createHash("sha256");
      for await (const chunk of stream) hash.update(chunk);
      return hash.digest("hex");
    });
    network.cutEvery(size / 4, 4);
    assert.deepEqual(await finished, { size, wrong: -1 });
    await down;
    const expected = createHash("sha256").update(Uint8Array.from({ length: size }, (_, index) => index % 251));
    assert.equal(await up, expected.digest("hex"));
    await ended;
    assert.equal(network.cuts, 4);
    assert.ok(events.includes("resumed"), events.join());
    assert.equal(events.filter((event) => event === "closed").length, 1);
  });
}

test("a token function is asked for the next token before the present one ends, and RenewToken is there", async (t) => {
  const given: string[] = [];
  const server = await startServer(t, 0, (token) => {
    given.push(token);
    return { ok: true, identity: "alice", expiresAt: Date.now() + (token === "first" ? 400 : 60_000) };
  });
  const page = await openPage(t);
  const result = await page.evaluate(async (host) => {
    const { camp } = await import("camp-client-browser");
    const tokens = ["first", "second"];
    const session = await camp(host, () => tokens.shift() ?? "none", { reconnect: false });
    const remainingMs = await new Promise<number>((resolve) => void session.once("token-expiring", resolve));
    const renewed = await session.RenewToken("third");
    const tooLong = await session.RenewToken("x".repeat(8193)).catch((error: { code: string }) => error.code);
    const { state } = session;
    await session.Close("done");
    const late = await session.RenewToken("fourth").catch((error: { code: string }) => error.code);
    return [remainingMs > 0 && remainingMs <= 200, renewed, tooLong, state, late];
  }, `127.0.0.1:${server.port}`);
  assert.deepEqual(result, [true, true, "TOO_LARGE", "open", "NO_TOKENS"]);
  assert.deepEqual(given.sort(), ["first", "second", "third"]);
});
