import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { inspect } from "node:util";
import { ConnectError, type ConnectErrorCode, OptionsError, type TokenSource } from "camp-runtime";
import { BufferBudget, defaultSettings } from "camp-session";
import { connectCampClient, connectCampPeer } from "./camp-client.js";
import type { CampClientSession } from "./camp-client-session.js";
import { CampPeer, type Verdict } from "./camp-peer.test.js";
import { startCampServer } from "./camp-server.js";
import type { CampNodeSession } from "./camp-session.js";
import type { CampClientOptions } from "./client-options.js";
import { Extensions } from "./extensions.js";
import { createDeadlines } from "./node-time.js";
import { selfSigned } from "./self-signed.test.js";

const quickly = { minDelayMs: 1, maxDelayMs: 1, maxAttempts: 3 };

/** A client that ends with its test. */
async function connect(
  t: TestContext,
  peer: CampPeer,
  options: CampClientOptions = {},
  token: TokenSource = "secret",
): Promise<CampClientSession> {
  const client = await connectCampClient(peer.host, token, { reconnect: quickly, ...options });
  t.after(() => client.Destroy());
  return client;
}

function hasCode(code: ConnectErrorCode) {
  return (error: unknown) => error instanceof ConnectError && error.code === code;
}

/** Every event that tells of the life of a session, in order. */
function lifeOf(session: CampNodeSession): unknown[][] {
  const life: unknown[][] = [];
  for (const event of ["connected", "disconnected", "reconnected", "closed"] as const) {
    session.on(event, (...args: unknown[]) => life.push([event, ...args]));
  }
  return life;
}

test("connected comes after the caller could attach a handler, also when the first frame came with the answer", async (t) => {
  const peer = await CampPeer.open(t);
  const client = await connect(t, peer);
  await new Promise<void>((resolve) => queueMicrotask(resolve));
  assert.equal(client.state, "handshaking");
  await once(client, "connected");
  assert.equal(client.state, "open");
});

test("what is sent before connected arrives", async (t) => {
  const peer = await CampPeer.open(t);
  const client = await connect(t, peer);
  const sent = client.base.SendUTF8("at once");
  const { session } = await peer.admitted();
  assert.deepEqual(await once(session, "message-utf8"), ["at once"]);
  assert.equal(await sent, true);
});

test("the upgrade carries token, id, query and headers, and the session shows what is no secret", async (t) => {
  const peer = await CampPeer.open(t);
  const client = await connectCampClient(`ws://${peer.host}/chat?room=1`, "se cret+", {
    query: { lang: "de" },
    headers: { Origin: "https://example.org", Cookie: "crumbs" },
  });
  t.after(() => client.Destroy());
  const { token, sessionId, offered, message } = await peer.attempted(1);
  assert.deepEqual([token, sessionId, offered], ["Bearer se cret+", String(client.id), "camp"]);
  assert.match(message.url ?? "", /^\/chat\?room=1&lang=de&/);
  assert.equal(message.headers.cookie, "crumbs");
  const { path, query, headers, origin, subprotocol } = client.info;
  assert.deepEqual(
    [path, String(query), origin, subprotocol],
    ["/chat", "room=1&lang=de", "https://example.org", "camp"],
  );
  assert.deepEqual(headers, { origin: "https://example.org" });
  assert.equal(client.remoteAddress, "127.0.0.1");
  const printed = inspect(client, { depth: 9, showHidden: true }) + JSON.stringify(client);
  assert.ok(!printed.includes("cret") && !printed.includes("crumbs"), printed);
});

test("a busy server is tried again until it admits", async (t) => {
  const peer = await CampPeer.open(t, (attempt) => (attempt < 3 ? 503 : "camp"));
  const client = await connect(t, peer);
  assert.equal(peer.attempts.length, 3);
  await once(client, "connected");
});

const refusals: [status: number, code: ConnectErrorCode][] = [
  [400, "BAD_REQUEST"],
  [401, "UNAUTHORIZED"],
  [403, "FORBIDDEN"],
  [409, "DUPLICATE_SESSION"],
];
for (const [status, code] of refusals) {
  test(`a refusal with ${status} is final at once and says ${code}`, async (t) => {
    const peer = await CampPeer.open(t, () => status);
    await assert.rejects(connect(t, peer), (error) => {
      assert.ok(hasCode(code)(error) && !inspect(error, { depth: 9 }).includes("secret"), inspect(error));
      return true;
    });
    assert.equal(peer.attempts.length, 1);
  });
}

test("a server that never answers ends in TIMEOUT, one that was busy before in what it said", async (t) => {
  const silent = await CampPeer.open(t, () => "hangs");
  await assert.rejects(connect(t, silent, { timeout: 20 }), hasCode("TIMEOUT"));
  const busy = await CampPeer.open(t, (attempt) => (attempt === 1 ? 503 : "hangs"));
  await assert.rejects(connect(t, busy, { timeout: 200 }), hasCode("UNAVAILABLE"));
});

test("the signal gives up an attempt, and a token that does not come", async (t) => {
  const silent = await CampPeer.open(t, () => "hangs");
  const controller = new AbortController();
  const rejected = assert.rejects(connect(t, silent, { signal: controller.signal }), hasCode("ABORTED"));
  const { socket } = await silent.attempted(1);
  controller.abort();
  await Promise.all([rejected, once(socket, "close")]);
  const never = () => new Promise<string>(() => undefined);
  const waiting = connect(t, silent, { signal: AbortSignal.timeout(5) }, never);
  await assert.rejects(waiting, hasCode("ABORTED"));
  assert.equal(silent.attempts.length, 1);
});

test("a token function is asked for each attempt", async (t) => {
  const peer = await CampPeer.open(t, (attempt) => (attempt === 1 ? 503 : "camp"));
  let asked = 0;
  const client = await connect(t, peer, {}, async () => `token-${++asked}`);
  await once(client, "connected");
  (await peer.admitted()).socket.destroy();
  await once(client, "reconnected");
  assert.deepEqual(
    peer.attempts.map(({ token }) => token),
    ["Bearer token-1", "Bearer token-2", "Bearer token-3"],
  );
});

test("a token function that fails rejects the first connect with its own error", async (t) => {
  const peer = await CampPeer.open(t);
  const own = new Error("vault is closed");
  const failing: TokenSource[] = [
    () => Promise.reject(own),
    () => {
      throw own;
    },
  ];
  for (const token of failing) await assert.rejects(connect(t, peer, {}, token), (error) => error === own);
  await assert.rejects(connect(t, peer, {}, (() => 7) as unknown as TokenSource), TypeError);
  assert.equal(peer.attempts.length, 0);
});

test("a token function that fails while reconnecting is told as error, and the next attempt may succeed", async (t) => {
  const peer = await CampPeer.open(t);
  let asked = 0;
  const client = await connect(t, peer, {}, () => {
    asked += 1;
    if (asked === 2) throw new Error("vault is closed");
    return "token";
  });
  await once(client, "connected");
  const failed = new Promise((resolve) => client.once("error", resolve));
  const reconnected = new Promise((resolve) => client.once("reconnected", resolve));
  (await peer.admitted()).socket.destroy();
  await reconnected;
  assert.match(String(await failed), /vault is closed/);
});

test("a server that wants no subprotocol is asked without, under a fresh id, and so ever after", async (t) => {
  const peer = await CampPeer.open(t, () => "no subprotocol");
  const client = await connect(t, peer);
  await once(client, "connected");
  await peer.admitted();
  (await peer.admitted()).socket.destroy();
  await once(client, "reconnected");
  const [first, second, third] = peer.attempts;
  assert.deepEqual([first?.offered, second?.offered, third?.offered], ["camp", undefined, undefined]);
  assert.notEqual(first?.sessionId, second?.sessionId);
  assert.deepEqual([second?.sessionId, third?.sessionId], [String(client.id), String(client.id)]);
  assert.equal(client.info.subprotocol, undefined);
});

test("a lost connection is followed by another of the same id, with what was not acknowledged", async (t) => {
  const peer = await CampPeer.open(t);
  const client = await connect(t, peer);
  const life = lifeOf(client);
  await once(client, "connected");
  const first = await peer.admitted();
  first.socket.destroy();
  await once(client, "disconnected");
  const sent = client.base.SendUTF8("meanwhile");
  const second = await peer.admitted();
  assert.deepEqual(await once(second.session, "message-utf8"), ["meanwhile"]);
  assert.equal(await sent, true);
  assert.equal(second.session.id, client.id);
  assert.deepEqual(life, [["connected"], ["disconnected", 1006, ""], ["reconnected", { resumed: false }]]);
});

test("an id that the server has not missed yet is no reason to give up", async (t) => {
  const peer = await CampPeer.open(t, (attempt) => (attempt === 2 ? 409 : "camp"));
  const client = await connect(t, peer);
  await once(client, "connected");
  (await peer.admitted()).socket.destroy();
  await once(client, "reconnected");
  assert.equal(peer.attempts.length, 3);
});

const ends: [what: string, verdict: Verdict, attempts: number, reason: RegExp][] = [
  ["a token that is no longer accepted", 401, 2, /^UNAUTHORIZED, attempt 1 to reconnect$/],
  ["a server that stays busy", 503, 4, /^UNAVAILABLE, attempt 3 to reconnect$/],
];
for (const [what, verdict, attempts, expected] of ends) {
  test(`${what} ends the session with 1006`, async (t) => {
    const peer = await CampPeer.open(t, (attempt) => (attempt === 1 ? "camp" : verdict));
    const client = await connect(t, peer);
    const life = lifeOf(client);
    await once(client, "connected");
    (await peer.admitted()).socket.destroy();
    const [code, reason] = await once(client, "closed");
    assert.equal(code, 1006);
    assert.match(reason, expected);
    assert.equal(peer.attempts.length, attempts);
    assert.deepEqual(
      life.map(([event]) => event),
      ["connected", "disconnected", "closed"],
    );
    await assert.rejects(client.base.SendUTF8("too late"), { code: "SESSION_CLOSED" });
  });
}

test("a server that accepts and closes at once is given up with its own close code", async (t) => {
  const peer = await CampPeer.open(t);
  const client = await connect(t, peer);
  const life = lifeOf(client);
  for (let i = 0; i < 4; i++) {
    const { engine } = await peer.admitted();
    engine.fail(4002, "overloaded");
  }
  if (client.state !== "closed") await once(client, "closed");
  assert.equal(peer.attempts.length, 4);
  assert.deepEqual(life.at(-1), ["closed", 4002, "overloaded"]);
});

test("a client that does not reconnect has ended when its connection is lost", async (t) => {
  const peer = await CampPeer.open(t);
  const client = await connect(t, peer, { reconnect: false });
  const life = lifeOf(client);
  await once(client, "connected");
  (await peer.admitted()).socket.destroy();
  await once(client, "closed");
  assert.deepEqual(life, [["connected"], ["closed", 1006, ""]]);
  assert.equal(peer.attempts.length, 1);
});

test("a graceful end by the server is no reason to come back", async (t) => {
  const peer = await CampPeer.open(t);
  const client = await connect(t, peer);
  await once(client, "connected");
  const { session } = await peer.admitted();
  const closed = once(client, "closed");
  await session.Close("goodbye");
  assert.deepEqual(await closed, [4000, "goodbye"]);
  assert.equal(peer.attempts.length, 1);
});

test("closing a session that is reconnecting ends its attempt", async (t) => {
  const peer = await CampPeer.open(t, (attempt) => (attempt === 1 ? "camp" : "hangs"));
  const client = await connect(t, peer);
  await once(client, "connected");
  (await peer.admitted()).socket.destroy();
  const { socket } = await peer.attempted(2);
  const gone = once(socket, "close");
  await client.Close("enough");
  assert.equal(client.state, "closed");
  await gone;
});

test("a session runs over TLS as it does without", async (t) => {
  const certificate = selfSigned();
  const server = await startCampServer({ validate: () => true }, { port: 0, host: "127.0.0.1", ssl: certificate });
  t.after(() => server.Destroy());
  const accepted = once(server, "session") as Promise<[CampNodeSession]>;
  const client = await connectCampClient(`wss://localhost:${server.port}`, "secret", { tls: { ca: certificate.cert } });
  t.after(() => client.Destroy());
  const [session] = await accepted;
  const received = once(session, "message-binary");
  const bytes = Buffer.alloc(1_048_576, 7);
  assert.equal(await client.base.SendBinary(bytes), true);
  assert.deepEqual(await received, [bytes]);
  await client.Close("done");
});

test("wrong arguments reject before anything is sent", async () => {
  await assert.rejects(connectCampClient(8080 as unknown as string, "token"), TypeError);
  await assert.rejects(connectCampClient("localhost", undefined as unknown as string), TypeError);
  await assert.rejects(connectCampClient("ftp://localhost", "token"), OptionsError);
  await assert.rejects(connectCampClient("localhost", "token", { tiemout: 1 } as object), OptionsError);
});

test("a session between servers is of type peer, runs the hooks of its server and does not reconnect", async (t) => {
  const peer = await CampPeer.open(t);
  const extensions = new Extensions<CampNodeSession, null>(() => undefined);
  const log: string[] = [];
  extensions.register(
    {
      name: "shout",
      before_send_utf8: (_, box) => {
        box.value = box.value.toUpperCase();
        return true;
      },
    },
    null,
  );
  const { session } = await connectCampPeer(peer.host, "secret", undefined, {
    settings: defaultSettings,
    extensions,
    deadlines: createDeadlines(),
    budget: new BufferBudget(1_000_000, () => undefined),
    signal: new AbortController().signal,
    onClosed: (ended) => log.push(`onClosed ${ended === session}`),
  });
  session.on("closed", () => log.push("closed"));
  assert.equal(session.Get("__TYPE"), "peer");
  const other = await peer.admitted();
  const received = once(other.session, "message-utf8");
  assert.equal(await session.base.SendUTF8("hello"), true);
  assert.deepEqual(await received, ["HELLO"]);
  other.socket.destroy();
  await once(session, "closed");
  assert.deepEqual(log, ["onClosed true", "closed"]);
});

test("a server that shuts down gives up its attempt to reach a peer", async (t) => {
  const peer = await CampPeer.open(t, () => "hangs");
  const shutDown = new AbortController();
  const attempt = connectCampPeer(
    peer.host,
    "secret",
    { signal: new AbortController().signal },
    {
      settings: defaultSettings,
      extensions: new Extensions<CampNodeSession, null>(() => undefined),
      deadlines: createDeadlines(),
      budget: new BufferBudget(1_000_000, () => undefined),
      signal: shutDown.signal,
      onClosed: () => undefined,
    },
  );
  const rejected = assert.rejects(attempt, hasCode("ABORTED"));
  await peer.attempted(1);
  shutDown.abort();
  await rejected;
});
