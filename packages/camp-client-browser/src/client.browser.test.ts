import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "browser-testing";
import type { CAMPServerWebsocketSession } from "camp-server";
import { startServerProcess } from "./server-process.test.js";
import { startServer } from "./support.test.js";

function echo(session: CAMPServerWebsocketSession): void {
  session.on("message-utf8", (text) => void session.base.SendUTF8(text));
  session.on("message-binary", (bytes) => void session.base.SendBinary(bytes));
}

test("texts and bytes come back as they were sent: empty, 1 MiB, every plane of Unicode, with a byte order mark", async (t) => {
  const server = await startServer(t);
  server.on("session", echo);
  const page = await openPage(t);
  const faults = await page.evaluate(async (host) => {
    const { camp } = await import("camp-client-browser");
    const session = await camp(host, "secret");
    const next = (event: "message-utf8" | "message-binary") =>
      new Promise<string | Uint8Array>((resolve) => void session.once(event, (...args) => resolve(args[0])));
    const planes = Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 0x10000 + 0x41)).join("");
    const texts = ["", "\uFEFFmark", planes, "é".repeat(512 * 1024)];
    const faults: string[] = [];
    for (const text of texts) {
      const answer = next("message-utf8");
      if (!(await session.base.SendUTF8(text))) faults.push("not acknowledged");
      if ((await answer) !== text) faults.push(`text of ${text.length}`);
    }
    for (const size of [0, 1, 1024 * 1024]) {
      const bytes = Uint8Array.from({ length: size }, (_, index) => index % 251);
      const answer = next("message-binary");
      await session.base.SendBinary(bytes);
      const received = (await answer) as Uint8Array;
      if (!(received instanceof Uint8Array) || received.length !== size) faults.push(`bytes of ${size}`);
      if (received.some((byte, index) => byte !== bytes[index])) faults.push(`content of ${size}`);
    }
    if (!((await session.base.Ping()) >= 0)) faults.push("ping");
    await session.Close("done");
    if (session.state !== "closed") faults.push(session.state);
    return faults;
  }, `127.0.0.1:${server.port}`);
  assert.deepEqual(faults, []);
});

test("events work in both styles, once each", async (t) => {
  const server = await startServer(t);
  server.on("session", echo);
  const page = await openPage(t);
  const log = await page.evaluate(async (host) => {
    const { camp } = await import("camp-client-browser");
    const session = await camp(host, "secret");
    const log: unknown[] = [];
    session.on("connected", () => log.push("connected"));
    session.on("message-utf8", (text) => log.push(["on", text]));
    session.once("message-utf8", (text) => log.push(["once", text]));
    session.addEventListener("message-utf8", (event) => log.push(["event", event.data]));
    const removed = () => log.push("removed");
    session.on("message-utf8", removed).off("message-utf8", removed);
    session.on("error", (error) => log.push(error.message));
    session.once("message-utf8", () => {
      throw new Error("a listener's own");
    });
    const second = new Promise((resolve) => session.on("message-utf8", (text) => text === "two" && resolve(null)));
    await session.base.SendUTF8("one");
    await session.base.SendUTF8("two");
    await second;
    session.Destroy();
    return log;
  }, `127.0.0.1:${server.port}`);
  assert.deepEqual(log, [
    "connected",
    ["on", "one"],
    ["once", "one"],
    "a listener's own",
    ["event", "one"],
    ["on", "two"],
    ["event", "two"],
  ]);
});

test("a stream can be cancelled from either end, and piped", async (t) => {
  const server = await startServer(t);
  const ends: Promise<unknown>[] = [];
  server.on("session", (session) => {
    async function* endless() {
      for (;;) yield Buffer.alloc(65_536);
    }
    ends.push(session.transaction.Stream(endless(), { streamName: "endless" }).catch((error: Error) => error.name));
    void session.transaction.Stream(Buffer.from("piped"), { streamName: "short" });
    ends.push(
      session.transaction.WaitForStream("upload").then((stream) => {
        stream.cancel("enough");
      }),
    );
  });
  const page = await openPage(t);
  const result = await page.evaluate(async (host) => {
    const { camp } = await import("camp-client-browser");
    const session = await camp(host, "secret");
    const upload = session.transaction
      .Stream(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) }), {
        streamName: "upload",
      })
      .catch((error: Error) => error.name);
    for await (const chunk of await session.transaction.WaitForStream("endless")) if (chunk.length > 0) break;
    const short = await new Response(await session.transaction.WaitForStream("short")).text();
    const result = [await upload, short, session.state];
    await session.Close();
    return result;
  }, `127.0.0.1:${server.port}`);
  assert.deepEqual(result, ["StreamCancelledError", "piped", "open"]);
  assert.equal((await Promise.all(ends))[0], "StreamCancelledError");
});

test("a client comes back to a server that was killed and started again, and what nobody knows the fate of rejects", async (t) => {
  const first = await startServerProcess(t);
  const page = await openPage(t);
  const held = first.next("text");
  await page.evaluate(async (host) => {
    const { camp } = await import("camp-client-browser");
    const session = await camp(host, "secret", { reconnect: { minDelayMs: 50, maxDelayMs: 200, maxAttempts: 1000 } });
    const log: string[] = [];
    session.on("disconnected", () => log.push("disconnected"));
    session.on("reconnected", ({ resumed }) => log.push(`resumed: ${resumed}`));
    const settled = session.base.SendUTF8("hold").catch((error: { code: string }) => error.code);
    Object.assign(globalThis, { session, log, settled });
  }, `127.0.0.1:${first.port}`);
  assert.equal((await held).text, "hold");
  await first.kill();
  await page.waitForFunction(() => (globalThis as unknown as { log: string[] }).log.length === 1);
  await page.evaluate(() => {
    const { session } = globalThis as unknown as { session: { base: { SendUTF8(text: string): Promise<boolean> } } };
    Object.assign(globalThis, { sent: session.base.SendUTF8("after") });
  });
  const second = await startServerProcess(t, first.port);
  const after = second.next("text");
  const result = await page.evaluate(async () => {
    const { sent, settled, log } = globalThis as unknown as { sent: unknown; settled: unknown; log: string[] };
    return [await sent, await settled, ...log];
  });
  assert.deepEqual(result, [true, "RESUME_FAILED", "disconnected", "resumed: false"]);
  assert.equal((await after).text, "after");
});

test("an incoming stream can be piped, and holds its sender up while the sink is busy", async (t) => {
  const server = await startServer(t);
  const size = 16 * 1024 * 1024;
  let sentBytes = 0n;
  server.on("session", (session) => {
    const onProgress = (sent: bigint) => {
      sentBytes = sent;
    };
    void session.transaction.Stream(Buffer.alloc(size, 7), { streamName: "down", onProgress });
  });
  const page = await openPage(t);
  const stalled = page.evaluate(async (host) => {
    const { camp } = await import("camp-client-browser");
    const session = await camp(host, "secret");
    const stream = await session.transaction.WaitForStream("down");
    const state = { bytes: 0, wrong: 0, goOn: () => {}, piped: Promise.resolve() };
    const gate = new Promise<void>((resolve) => {
      state.goOn = resolve;
    });
    await new Promise<void>((stalled) => {
      const write = async (chunk: Uint8Array) => {
        state.bytes += chunk.length;
        state.wrong += chunk.filter((byte) => byte !== 7).length;
        stalled();
        await gate;
      };
      state.piped = stream.pipeTo(new WritableStream({ write }));
    });
    // What the server may send by now, it has sent: a message goes behind it.
    for (let trip = 0; trip < 20; trip++) await session.base.SendUTF8("there and back");
    const { progress, receivedBytes, remainingBytes, byteLength } = stream;
    Object.assign(globalThis, { state });
    return [Number(byteLength), Number(receivedBytes) + Number(remainingBytes), (progress ?? 1) < 0.9];
  }, `127.0.0.1:${server.port}`);
  assert.deepEqual(await stalled, [size, size, true]);
  assert.ok(sentBytes < size, `${sentBytes} bytes were sent`);
  const result = await page.evaluate(async () => {
    const { state } = globalThis as unknown as {
      state: { bytes: number; wrong: number; goOn(): void; piped: Promise<void> };
    };
    state.goOn();
    await state.piped;
    return [state.bytes, state.wrong];
  });
  assert.deepEqual(result, [size, 0]);
});

test("two tabs are two sessions", async (t) => {
  const server = await startServer(t);
  server.on("session", echo);
  const pages = await Promise.all([openPage(t), openPage(t)]);
  const ids = await Promise.all(
    pages.map((page) =>
      page.evaluate(async (host) => {
        const { camp } = await import("camp-client-browser");
        const session = await camp(host, "secret");
        await session.base.SendUTF8("here");
        Object.assign(globalThis, { session });
        return String(session.id);
      }, `127.0.0.1:${server.port}`),
    ),
  );
  assert.equal(new Set(ids).size, 2);
  assert.deepEqual([...server.sessions.keys()].map(String).sort(), ids.sort());
});
