import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium } from "browser-testing/launch";
import { Child } from "../lib/child.mjs";
import { Pair } from "../lib/pair.mjs";

const server = "messenger-server";

function withCrowd({ profileTo }, use) {
  return Pair.with({ server, client: "messenger-crowd", profileTo }, async (pair) => {
    const { port } = await pair.server.call("start");
    return use(pair, async (count, atOnce = 8) => {
      await pair.client.call("makeIdentities", { count });
      return () => pair.client.call("register", { port, count, atOnce });
    });
  });
}

function registration({ quick, ...context }) {
  const count = quick ? 150 : 400;
  return withCrowd(context, async (pair, registering) => {
    await (await registering(100))();
    const register = await registering(count);
    const result = await pair.measure(register);
    return {
      ...result,
      serverMillis: (result.serverCpuSeconds * 1000) / count,
      clientMillis: (result.clientCpuSeconds * 1000) / count,
    };
  });
}

const messengerRegistration = {
  name: "messenger-registration",
  title: "Messenger: connections that register, 8 at a time",
  rounds: { full: 3, quick: 2 },
  systems: { registration },
  metrics: {
    serverMillis: { label: "server CPU ms each", digits: 2, chart: "bars" },
    clientMillis: { label: "client CPU ms each", digits: 2 },
    rate: { label: "registrations/s", digits: 0 },
    p99: { label: "p99 ms to registered", digits: 1 },
    othersCpuSeconds: { label: "other processes, CPU s", digits: 2 },
  },
  goals: [{ metric: "serverMillis", of: "registration", atMost: 15 }],
};

/** So many that none of them meets the limit of an identity: 60 at once and 20 a second. */
const writers = 256;
const each = 40;
const warmUp = 8;
const inFlight = 4;

function relay({ readers, arrive }) {
  return ({ quick, ...context }) =>
    withCrowd(context, async (pair, registering) => {
      await (await registering(arrive ? writers : writers + readers))();
      if (!arrive) await pair.client.call("leave", { count: readers });
      const run = (messages) => pair.client.call("relay", { writers, readers, each: messages, inFlight, arrive });
      await run(warmUp);
      const result = await pair.measure(() => run(quick ? each / 2 : each));
      return { ...result, serverMicros: (result.serverCpuSeconds * 1e6) / result.messages };
    });
}

const messengerRelay = {
  name: "messenger-relay",
  title: `Messenger: sealed messages of ${writers} people through one server with its store on disk`,
  rounds: { full: 3, quick: 2 },
  systems: {
    // Accepted, on disk, delivered, acknowledged and deleted.
    "everybody on line": relay({ readers: writers, arrive: true }),
    // Accepted and on disk, in mailboxes that fill up.
    "readers away": relay({ readers: 32, arrive: false }),
  },
  metrics: {
    rate: { label: "messages/s", digits: 0, chart: "bars" },
    serverMicros: { label: "server CPU µs/msg", digits: 0 },
    p50: { label: "p50 ms to accepted", digits: 1 },
    p99: { label: "p99 ms to accepted", digits: 1 },
    othersCpuSeconds: { label: "other processes, CPU s", digits: 2 },
  },
  goals: ["everybody on line", "readers away"].map((of) => ({ metric: "rate", of, atLeast: 2000 })),
};

/** As many as a mailbox holds, from so many people that none of them meets a limit. */
const senders = 10;
const mailbox = 500;

/** Linked with everybody, then away while they write; what is measured begins with its return, in a process of its own. */
function reader(client) {
  return async ({ profileTo }) => {
    const folder = mkdtempSync(join(tmpdir(), "messenger-bench-"));
    const crowd = await Child.start("messenger-senders");
    try {
      return await Pair.with({ server, client, profileTo }, async (pair) => {
        const { port } = await pair.server.call("start", { withPages: true });
        await pair.client.call("begin", { port, folder });
        for (let linked = 0; linked < senders; linked++) {
          await crowd.call("accept", { port, link: await pair.client.call("invite") });
        }
        await pair.client.call("leave");
        await pair.client.stop();
        await crowd.call("write", { each: mailbox / senders });
        pair.client = await Child.start(client);
        await pair.client.call("prepare", { folder });
        const result = await pair.measure(() => pair.client.call("fetchMailbox", { port, folder, messages: mailbox }));
        await pair.client.call("leave");
        return result;
      });
    } finally {
      await crowd.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/** What runs in a browser does not count as a disturbance: its processes are not the client's. */
function pageReader() {
  const run = reader("messenger-page");
  return async (context) => {
    const { othersCpuSeconds, ...result } = await run(context);
    return { ...result, clientCpuSeconds: result.clientCpuSeconds + othersCpuSeconds };
  };
}

function hasChromium() {
  try {
    return findChromium() !== "";
  } catch {
    return false;
  }
}

const readers = { "client of Node": reader("messenger-reader"), ...(hasChromium() && { Chromium: pageReader() }) };

const messengerMailbox = {
  name: "messenger-mailbox",
  title: `Messenger: a mailbox of ${mailbox} messages of ${senders} people, fetched, opened and stored`,
  rounds: { full: 3, quick: 2 },
  systems: readers,
  metrics: {
    seconds: { label: "s", digits: 2, chart: "bars" },
    clientCpuSeconds: { label: "client CPU s", digits: 2 },
    serverCpuSeconds: { label: "server CPU s", digits: 2 },
  },
  goals: Object.keys(readers).map((of) => ({ metric: "seconds", of, atMost: 3 })),
};

export const messenger = [messengerRegistration, messengerRelay, messengerMailbox];
