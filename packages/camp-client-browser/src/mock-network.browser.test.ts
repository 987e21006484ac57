import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { openPage } from "browser-testing";
import type { camp } from "./index.js";

// What the scripts in these pages work with.
declare const connect: (options?: Parameters<typeof camp>[2]) => ReturnType<typeof camp>;
declare const cut: () => void;
/** What the server's ends came to, in order. */
declare const ends: string[];

/**
 * A page whose WebSocket is that of a mock network, and in it a server that echoes: the two ends of each connection are a pair.
 * The clock is the page's own, as that of the client.
 */
async function openMocked(t: TestContext) {
  const page = await openPage(t);
  await page.evaluate(async () => {
    const { MockNetwork } = await import("mock-websocket");
    const { CampSession, defaultSettings, noHooks } = await import("camp-session");
    const { Recorder } = await import("session-recorder");
    const { MockTransport, SessionRecord } = await import("session-recorder/replay");
    const { camp } = await import("camp-client-browser");
    const network = new MockNetwork({ conditions: { latencyMs: 2 } });
    const recorder = new Recorder({ now: () => performance.now() });
    const ends: string[] = [];
    const accept = (socket: InstanceType<typeof network.WebSocket>): void => {
      const record = new SessionRecord(recorder);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const wakeAt = (timeMs: number): void => {
        clearTimeout(timer);
        if (timeMs !== Infinity) timer = setTimeout(() => session.tick(), timeMs - performance.now());
      };
      const session = new CampSession({
        id: BigInt(new URL(socket.url).searchParams.get("x-camp-sid")!),
        ...{ role: "server", reconnects: false, hooks: noHooks, phase: 0, settings: defaultSettings },
        ...{ clock: { now: () => performance.now(), wakeAt }, trace: record.trace },
        events: {
          ...record.events,
          message: (_, text) => void session.send("utf8", `echo ${text}`),
          closed: (code, reason) => ends.push(`${code} ${reason}`),
        },
      });
      record.watch(session, "server");
      const transport = new MockTransport(socket);
      session.attach(transport);
      transport.drive(session);
    };
    network.listen("ws://camp.test/", { protocol: ([first]) => first, connection: accept });
    Object.assign(globalThis, {
      WebSocket: network.WebSocket,
      connect: (options = {}) => camp("ws://camp.test/", "token", options),
      cut: () => network.cut(),
      ends,
    });
  });
  return page;
}

test("a session lives over a pair of mock sockets: messages both ways, a ping, a graceful end", async (t) => {
  const page = await openMocked(t);
  const log = await page.evaluate(async () => {
    const session = await connect();
    const echoed = new Promise((resolve) => session.once("message-utf8", resolve));
    const log: unknown[] = [await session.base.SendUTF8("hello"), await echoed, session.state];
    log.push((await session.base.Ping()) >= 0, session.info.subprotocol);
    await session.Close("done");
    return [...log, session.state];
  });
  assert.deepEqual(log, [true, "echo hello", "open", true, "camp", "closed"]);
  await page.waitForFunction(() => ends.join() === "4000 done");
});

test("a session over mock sockets that break comes back, and what was sent meanwhile arrives", async (t) => {
  const page = await openMocked(t);
  const log = await page.evaluate(async () => {
    const session = await connect({ reconnect: { minDelayMs: 1, maxDelayMs: 5 } });
    // A session that was cut before that would be connected by its next connection, not reconnected.
    await new Promise<void>((resolve) => void session.once("connected", resolve));
    const back = new Promise((resolve) => session.once("reconnected", resolve));
    const echoed = new Promise((resolve) => session.once("message-utf8", resolve));
    cut();
    const sent = session.base.SendUTF8("in the cut");
    await back;
    const log = [await sent, await echoed];
    await session.Close("done");
    return log;
  });
  assert.deepEqual(log, [true, "echo in the cut"]);
  await page.waitForFunction(() => ends.join() === "1006 ,4000 done");
});
