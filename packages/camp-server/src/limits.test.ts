import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { inspect } from "node:util";
import { camp as connect } from "camp-client-node";
import type { CAMPWebsocketServer } from "./index.js";
import { ask, asking, nextSession, start, token } from "./support.test.js";

// The limits of a public server, each tried from outside (docs/limits.md).

type ClientOptions = Parameters<typeof connect>[2];

async function client(t: TestContext, server: CAMPWebsocketServer, options: ClientOptions = {}, bearer = token) {
  const session = await connect(`127.0.0.1:${server.port}`, bearer, { reconnect: false, ...options });
  t.after(() => session.Destroy());
  return session;
}

function ended(session: { once(event: "closed", listener: (code: number, reason: string) => void): unknown }) {
  return new Promise<[code: number, reason: string]>((resolve) => session.once("closed", (...end) => resolve(end)));
}

describe("sessions per address", () => {
  const query = () => asking(BigInt(Math.floor(Math.random() * 2 ** 50)));

  test("beyond the limit an upgrade is answered with 429, and one that ends makes room", async (t) => {
    const server = await start(t, { maxSessionsPerAddress: 2 });
    const first = await client(t, server);
    await client(t, server);
    const answer = await ask(t, server, { query: query() });
    assert.equal(answer.status, 429);
    assert.equal(answer.headers["retry-after"], "2");
    assert.match(answer.body, /address/);
    const gone = ended([...server.sessions.values()][0]!);
    first.Destroy();
    await gone;
    await client(t, server);
  });

  test("those that wait for the validator count", async (t) => {
    let admit = (_: boolean): void => {};
    const asked = new Promise<void>((resolve) => {
      void start(t, { maxSessionsPerAddress: 1 }, () => {
        resolve();
        return new Promise((answer) => (admit = answer));
      }).then(async (server) => {
        void client(t, server).catch(() => {});
        await asked;
        assert.equal((await ask(t, server, { query: query() })).status, 429);
        admit(false);
        done();
      });
    });
    let done = (): void => {};
    await new Promise<void>((resolve) => (done = resolve));
  });

  test("without a proxy in front, X-Forwarded-For is not believed", async (t) => {
    const server = await start(t, { maxSessionsPerAddress: 1 });
    const accepted = nextSession(server);
    await client(t, server, { headers: { "X-Forwarded-For": "192.0.2.1" } });
    assert.match((await accepted).remoteAddress ?? "", /127\.0\.0\.1$/);
    const forged = await ask(t, server, { query: query(), headers: { "X-Forwarded-For": "192.0.2.2" } });
    assert.equal(forged.status, 429);
  });

  test("behind a proxy the address that it noted counts, and not what the client wrote before it", async (t) => {
    const server = await start(t, { maxSessionsPerAddress: 1, trustProxy: 1 });
    const accepted = nextSession(server);
    await client(t, server, { headers: { "X-Forwarded-For": "203.0.113.9, 192.0.2.1" } });
    assert.equal((await accepted).remoteAddress, "192.0.2.1");
    const from = (addresses: string) => ask(t, server, { query: query(), headers: { "X-Forwarded-For": addresses } });
    assert.equal((await from("198.51.100.7, 192.0.2.1")).status, 429);
    assert.equal((await from("192.0.2.1, 198.51.100.7")).status, 101);
  });

  test("IPv6 clients of one network count as one", async (t) => {
    const server = await start(t, { maxSessionsPerAddress: 1, trustProxy: 1 });
    await client(t, server, { headers: { "X-Forwarded-For": "2001:db8:1:2::1" } });
    const from = (address: string) => ask(t, server, { query: query(), headers: { "X-Forwarded-For": address } });
    assert.equal((await from("2001:db8:1:2:ffff::9")).status, 429);
    assert.equal((await from("2001:db8:1:3::1")).status, 101);
  });
});

describe("sessions per token", () => {
  test("beyond the limit an upgrade with this token is answered with 429, another is not", async (t) => {
    const server = await start(t, { maxSessionsPerToken: 1 });
    const first = await client(t, server);
    assert.equal((await ask(t, server, { query: asking(7n) })).status, 429);
    await client(t, server, {}, "another");
    const gone = ended([...server.sessions.values()][0]!);
    first.Destroy();
    await gone;
    await client(t, server);
  });

  test("who has no valid token does not learn of it", async (t) => {
    const server = await start(t, { maxSessionsPerToken: 1 }, (given) => given === token);
    await client(t, server);
    assert.equal((await ask(t, server, { query: asking(7n, "guess") })).status, 401);
  });
});

describe("what a session may send", () => {
  test("a burst beyond the rate arrives in order and whole", async (t) => {
    const server = await start(t, { maxMessagesPerSecond: 200, maxBytesPerSecond: 100_000 });
    const accepted = nextSession(server);
    const session = await client(t, server);
    const received: string[] = [];
    (await accepted).on("message-utf8", (text) => received.push(text));
    const sent = Array.from({ length: 250 }, (_, index) => `${index}`.padEnd(450));
    await Promise.all(sent.map((text) => session.base.SendUTF8(text)));
    assert.deepEqual(received, sent);
  });

  test("a peer that never slows down is closed with 4002, and others go on", async (t) => {
    const server = await start(t, { maxMessagesPerSecond: 50, overrunTimeoutMs: 200 });
    const accepted = nextSession(server);
    const flood = await client(t, server);
    const end = ended(await accepted);
    const calm = await client(t, server);
    const sending = async () => {
      for (;;) await flood.base.SendUTF8("again").catch(() => Promise.reject(new Error("ended")));
    };
    await Promise.allSettled(Array.from({ length: 32 }, sending));
    const [code, reason] = await end;
    assert.equal(code, 4002);
    assert.match(reason, /faster/);
    assert.equal(await calm.base.SendUTF8("hello"), true);
  });
});

test("a session that is not used is closed, one that is used is not", async (t) => {
  const server = await start(t, { idleTimeoutMs: 200, keepAliveIntervalMs: 20 });
  const idle = await client(t, server, { keepAliveIntervalMs: 20 });
  const busy = await client(t, server);
  let used = true;
  const using = (async () => {
    while (used) await busy.base.SendUTF8("still here");
  })();
  const [code, reason] = await ended(idle);
  assert.deepEqual([code, reason], [4000, "idle"]);
  assert.equal(busy.state, "open");
  used = false;
  await using;
});

test("streams beyond the limit are cancelled, those within it go on", async (t) => {
  const server = await start(t, { maxStreams: 2 });
  const accepted = nextSession(server);
  const session = await client(t, server);
  const at = await accepted;
  const endless = () => new ReadableStream<Uint8Array>({ pull: () => new Promise<void>(() => {}) });
  const abort = new AbortController();
  const streams = [1, 2].map((n) =>
    session.transaction.Stream(endless(), { streamName: `s${n}`, signal: abort.signal }).catch(() => "aborted"),
  );
  await Promise.all([at.transaction.WaitForStream("s1"), at.transaction.WaitForStream("s2")]);
  await assert.rejects(session.transaction.Stream(endless(), { streamName: "s3" }), { code: "STREAM_CANCELLED" });
  abort.abort();
  assert.deepEqual(await Promise.all(streams), ["aborted", "aborted"]);
});

describe("the time for an upgrade", () => {
  for (const [what, sent] of [
    ["says nothing", ""],
    ["sends its request byte by byte and never ends it", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "],
  ] as const) {
    test(`a connection that ${what} is closed`, async (t) => {
      const server = await start(t, { upgradeTimeoutMs: 200 });
      const socket: Socket = connectTcp(server.port, "127.0.0.1");
      t.after(() => socket.destroy());
      socket.on("error", () => {});
      socket.write(sent);
      socket.resume();
      const drip = setInterval(() => sent !== "" && socket.write("a"), 20);
      t.after(() => clearInterval(drip));
      await once(socket, "close");
    });
  }
});

describe("what validate may say", () => {
  test("whose token it is, which the session knows and nobody can print", async (t) => {
    const server = await start(t, {}, () => ({ ok: true, identity: "alice" }));
    const accepted = nextSession(server);
    await client(t, server);
    const session = await accepted;
    assert.equal(session.identity, "alice");
    assert.doesNotMatch(inspect(session, { depth: 5, showHidden: true }), /alice/);
  });

  test("when the token ends: the session ends with it, and its client comes back with the next one", async (t) => {
    const tokens = ["first", "refused", "second"];
    const server = await start(t, {}, (given) => {
      if (given === "first") return { ok: true, expiresAt: new Date(Date.now() + 150) };
      return given === "second";
    });
    const accepted = nextSession(server);
    const session = await connect(`127.0.0.1:${server.port}`, () => tokens.shift() ?? "none", {
      reconnect: { minDelayMs: 1, maxDelayMs: 5 },
    });
    t.after(() => session.Destroy());
    const end = ended(await accepted);
    const again = once(session, "reconnected");
    assert.deepEqual(await end, [4001, "the token has expired"]);
    await again;
    assert.equal(await session.base.SendUTF8("with the next token"), true);
  });

  test("a client whose token is a function renews it before it ends, and the session goes on", async (t) => {
    const tokens = ["first", "second"];
    const given: string[] = [];
    const server = await start(t, {}, (token) => {
      given.push(token);
      return { ok: true, identity: "alice", expiresAt: Date.now() + (token === "first" ? 200 : 60_000) };
    });
    const accepted = nextSession(server);
    const session = await connect(`127.0.0.1:${server.port}`, () => tokens.shift() ?? "none", { reconnect: false });
    t.after(() => session.Destroy());
    const told = [once(session, "token-expiring"), once(await accepted, "token-expiring")];
    for (const [remainingMs] of await Promise.all(told)) assert.ok(remainingMs > 0 && remainingMs <= 100);
    assert.equal(await session.RenewToken("third"), true);
    assert.deepEqual(given, ["first", "second", "third"]);
    assert.equal(session.state, "open");
  });

  test("a token of somebody else, or one that is refused, does not renew", async (t) => {
    const server = await start(t, {}, (token) => token !== "bad" && { ok: true, identity: token.split("-")[0] });
    const session = await client(t, server, {}, "alice-1");
    await once(session, "connected");
    assert.equal(await session.RenewToken("alice-2"), true);
    assert.equal(await session.RenewToken("bob-1"), false);
    assert.equal(await session.RenewToken("bad"), false);
    await assert.rejects(session.RenewToken("x".repeat(8193)), { code: "TOO_LARGE" });
    assert.equal(await session.base.SendUTF8("still here"), true);
    await session.Close("done");
    await assert.rejects(session.RenewToken("alice-3"), { code: "NO_TOKENS" });
  });

  test("a token that has ended already does not admit", async (t) => {
    const server = await start(t, {}, () => ({ ok: true, expiresAt: Date.now() - 1 }));
    await assert.rejects(client(t, server), { code: "UNAUTHORIZED" });
  });

  for (const answer of [{ ok: false }, { ok: "true" }, { identity: "alice" }, "yes", 1, {}, []]) {
    test(`${JSON.stringify(answer)} does not admit`, async (t) => {
      const server = await start(t, {}, () => answer as never);
      await assert.rejects(client(t, server), { code: "UNAUTHORIZED" });
    });
  }

  for (const expiresAt of ["tomorrow", Number.NaN, {}, null]) {
    test(`expiresAt ${inspect(expiresAt)} is a mistake of the validator, and nobody is admitted`, async (t) => {
      const server = await start(t, {}, () => ({ ok: true, expiresAt: expiresAt as never }));
      assert.equal((await ask(t, server, { query: asking(7n) })).status, 500);
    });
  }

  test("Revoke ends every session of an identity at once and no other, and they do not come back", async (t) => {
    const server = await start(t, {}, (given) => ({ ok: true, identity: given.split("-")[0] }));
    const reconnecting = { reconnect: { minDelayMs: 1 } };
    const [phone, laptop, other] = [
      await client(t, server, reconnecting, "alice-phone"),
      await client(t, server, reconnecting, "alice-laptop"),
      await client(t, server, reconnecting, "bob"),
    ];
    const ends = [ended(phone), ended(laptop)];
    assert.equal(server.Revoke("alice"), 2);
    assert.equal(server.sessions.size, 1);
    assert.deepEqual(await Promise.all(ends), [
      [1008, "the token was revoked"],
      [1008, "the token was revoked"],
    ]);
    assert.equal(await other.base.SendUTF8("still here"), true);
    assert.equal(server.Revoke("alice"), 0);
  });
});

describe("where the token travels", () => {
  for (const tokenIn of ["query", "header", "subprotocol"] as const) {
    test(`in the ${tokenIn}, and no part of the session remembers it`, async (t) => {
      const server = await start(t, {}, (given) => given === token);
      let target = "";
      server.http_server.prependListener("upgrade", ({ url = "" }) => {
        target = decodeURIComponent(url);
      });
      const accepted = nextSession(server);
      const session = await client(t, server, { tokenIn });
      assert.equal(target.includes(token), tokenIn === "query");
      const { info } = await accepted;
      const encoded = Buffer.from(token).toString("base64url");
      const printed = inspect([info, info.headers, info.query, session], { depth: 9, showHidden: true });
      assert.ok(!printed.includes(token) && !printed.includes(encoded), printed);
      assert.equal(info.subprotocol, "camp");
    });
  }

  test("two subprotocols with a token are none", async (t) => {
    const server = await start(t);
    const bearer = (text: string) => `camp.bearer.${Buffer.from(text).toString("base64url")}`;
    const answer = await ask(t, server, { query: "x-camp-sid=7", protocols: ["camp", bearer("a"), bearer("b")] });
    assert.equal(answer.status, 401);
  });
});
