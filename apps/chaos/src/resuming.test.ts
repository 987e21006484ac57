import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { type CampFrame, decode, encode } from "camp-protocol";
import type { CAMPServerWebsocketSession } from "camp-server";
import { WebSocket } from "ws";
import { type Ends, type MeetingOptions, meet } from "./ends.js";

const features = 1n | (1n << 32n) | (1n << 33n);

/** Runs a test with both ends, which end with it. */
function withEnds(title: string, run: (ends: Ends) => Promise<void>, options?: MeetingOptions): void {
  test(title, async () => {
    const ends = await meet(options);
    try {
      await run(ends);
    } finally {
      await ends.close();
    }
  });
}

/** Connections that the client opens from now on find nobody until `mend` is called. */
function breakNetwork({ network }: Ends): () => void {
  network.bytesBeforeCut = () => 1;
  network.cut();
  return () => {
    network.bytesBeforeCut = () => Number.POSITIVE_INFINITY;
  };
}

/** Somebody with a valid token who names this session; resolves to how it ended for them. */
async function intrude({ server, client }: Ends, frames: (sid: bigint) => CampFrame[]): Promise<string> {
  const query = `authorization=Bearer%20stranger&x-camp-sid=${client.id}`;
  const ws = new WebSocket(`ws://127.0.0.1:${server.port}/?${query}`, "camp");
  return new Promise((resolve) => {
    ws.once("unexpected-response", (_request, response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    ws.on("error", () => undefined);
    ws.once("open", () => {
      for (const frame of frames(client.id)) ws.send(encode(frame));
    });
    ws.on("message", (bytes: Buffer) => {
      const { type } = decode(bytes);
      if (type !== "endpoint_info" && type !== "ack" && type !== "error") resolve(`got ${type}`);
    });
    ws.once("close", (code, reason) => resolve(`${code} ${reason}`));
  });
}

const guess = (sid: bigint): CampFrame[] => [
  { type: "endpoint_info", sid, ack: 0, version: 1, features },
  { type: "resume", sid, received: 2n, secret: new Uint8Array(32) },
];

const plain = (sid: bigint): CampFrame[] => [{ type: "endpoint_info", sid, ack: 0, version: 1, features: 1n }];

withEnds("the server's session object lives through a cut and says so; extensions see nothing", async (ends) => {
  const { server, client, session, network } = ends;
  const seen: string[] = [];
  for (const name of ["disconnected", "resumed", "reconnected", "closed", "connected"] as const) {
    session.on(name, () => seen.push(`server ${name}`));
    client.on(name, () => seen.push(`client ${name}`));
  }
  const hooks: string[] = [];
  server.RegisterExtension({
    name: "watch",
    on_receive_utf8: async (_session, box) => {
      hooks.push(box.value);
      return true;
    },
  });
  session.Set("who", "alice");
  const outcome = once(client, "reconnected");
  const back = once(session, "resumed");
  const sent = client.base.SendUTF8("around the cut");
  network.cut();
  assert.equal(await sent, true);
  assert.deepEqual(await outcome, [{ resumed: true }]);
  await back;
  assert.equal(server.sessions.get(client.id), session);
  assert.equal(session.Get("who"), "alice");
  assert.deepEqual(hooks.filter((text) => text === "around the cut").length, 1);
  assert.deepEqual(seen.sort(), ["client disconnected", "client reconnected", "server disconnected", "server resumed"]);
});

withEnds("a stranger with a valid token and the id neither takes a session over nor disturbs it", async (ends) => {
  const { session, client } = ends;
  assert.equal(await intrude(ends, guess), "409");
  const mend = breakNetwork(ends);
  await once(session, "disconnected");
  assert.equal(await intrude(ends, guess), "4001 the session is kept for somebody else");
  assert.equal(await intrude(ends, plain), "4001 the session id is in use by a client that can resume");
  assert.equal(session.state, "disconnected");
  const back = once(session, "resumed");
  mend();
  await back;
  assert.equal(await client.base.SendUTF8("still here"), true);
});

withEnds(
  "after the window the session is closed, and the client's promises say that nobody knows",
  async (ends) => {
    const { client, session, server } = ends;
    const closed = once(session, "closed");
    const lost = once(client, "disconnected");
    const mend = breakNetwork(ends);
    const unknown = client.base.SendUTF8("under way");
    await lost;
    const waiting = client.transaction.WaitForStream("later");
    assert.deepEqual(await closed, [1006, ""]);
    const fresh = once(server, "session") as Promise<[CAMPServerWebsocketSession]>;
    const outcome = once(client, "reconnected");
    mend();
    assert.deepEqual(await outcome, [{ resumed: false }]);
    const [next] = await fresh;
    assert.notEqual(next, session);
    assert.equal(await unknown.catch((error) => error.code), "RESUME_FAILED");
    await next.transaction.Stream(Buffer.from("a"), { streamName: "later" });
    assert.equal((await (await waiting).toArray()).join(""), "a");
  },
  { server: { resumeWindowMs: 60 }, client: { resumeWindowMs: 120_000 } },
);

withEnds(
  "a window of 0 keeps nothing: the server's session ends with its connection",
  async ({ client, session, network }) => {
    const closed = once(session, "closed");
    const outcome = once(client, "reconnected");
    network.cut();
    assert.equal((await closed)[0], 1006);
    assert.deepEqual(await outcome, [{ resumed: false }]);
  },
  { server: { resumeWindowMs: 0 } },
);

withEnds(
  "of more waiting sessions than may wait the oldest is closed",
  async (ends) => {
    const { session } = ends;
    const closed = once(session, "closed");
    breakNetwork(ends);
    await once(session, "disconnected");
    const query = "authorization=Bearer%20other&x-camp-sid=77";
    const admitted = once(ends.server, "session") as Promise<[CAMPServerWebsocketSession]>;
    const ws = new WebSocket(`ws://127.0.0.1:${ends.server.port}/?${query}`, "camp");
    await once(ws, "open");
    ws.send(encode({ type: "endpoint_info", sid: 77n, ack: 0, version: 1, features }));
    ws.on("message", (bytes: Buffer) => {
      const frame = decode(bytes);
      if ("ack" in frame && frame.type !== "ack") ws.send(encode({ type: "ack", sid: 77n, ack: frame.ack }));
    });
    const [other] = await admitted;
    await other.base.SendUTF8("its secret is acknowledged before this");
    ws.terminate();
    assert.deepEqual(await closed, [1006, "too many sessions wait for their clients"]);
    assert.equal(other.state, "disconnected");
  },
  { server: { maxDisconnectedSessions: 1 } },
);

withEnds(
  "a client comes back to a server that is full, since its session was counted already",
  async (ends) => {
    const { client, session, network } = ends;
    const back = once(session, "resumed");
    network.cut();
    await back;
    assert.equal(await client.base.SendUTF8("hello again"), true);
  },
  { server: { maxSessions: 1 } },
);

withEnds("Drain does not wait for sessions whose clients are away", async (ends) => {
  const closed = once(ends.session, "closed");
  breakNetwork(ends);
  await once(ends.session, "disconnected");
  const underWay = ends.session.base.SendUTF8("to nobody");
  await Promise.all([ends.server.Drain({ deadlineMs: 600_000 }), assert.rejects(underWay, { code: "SESSION_CLOSED" })]);
  assert.equal((await closed)[0], 1001);
});

withEnds("Destroy ends sessions that wait and connections that claim them", async (ends) => {
  const closed = once(ends.session, "closed");
  breakNetwork(ends);
  await once(ends.session, "disconnected");
  let claim: Promise<string> | undefined;
  await new Promise<void>((opened) => {
    claim = intrude(ends, () => {
      opened();
      return [];
    });
  });
  await ends.server.Destroy();
  assert.deepEqual(await closed, [4000, "the server shuts down"]);
  assert.match(await claim!, /^1006/);
});
