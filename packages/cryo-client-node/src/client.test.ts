import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, type TestContext, test } from "node:test";
import { inspect } from "node:util";
import {
  type CryoServerWebsocketSession,
  type CryoWebsocketServer,
  type ICryoWebsocketServerOptions,
  cryo as serve,
} from "cryo-server";
import { CaleError, type CryoClientOptions, type CryoClientWebsocketSession, cryo, OptionsError } from "./index.js";

const token = "s3cret+/=token";
const limits = { timeout: 20_000 };
const quickly = { minDelayMs: 1, maxDelayMs: 5 };

async function start(t: TestContext, options: ICryoWebsocketServerOptions = {}): Promise<CryoWebsocketServer> {
  const server = await serve({ validate: (given) => given === token }, { port: 0, host: "127.0.0.1", ...options });
  t.after(() => {
    for (const session of server.sessions.values()) session.Destroy();
    return server.Destroy();
  });
  return server;
}

async function connect(
  t: TestContext,
  server: CryoWebsocketServer,
  options: CryoClientOptions = {},
): Promise<CryoClientWebsocketSession> {
  const client = await cryo(`127.0.0.1:${server.port}`, token, { reconnect: quickly, ...options });
  t.after(() => client.Destroy());
  return client;
}

function nextSession(server: CryoWebsocketServer): Promise<CryoServerWebsocketSession> {
  return new Promise((resolve) => server.once("session", resolve));
}

/** Both ends of a session. */
async function meet(t: TestContext, use_cale: boolean) {
  const server = await start(t, { use_cale });
  const accepted = nextSession(server);
  const client = await connect(t, server, { use_cale });
  return { server, client, session: await accepted };
}

/** The end of a session, whatever errors it tells before. */
function closed(session: CryoServerWebsocketSession): Promise<[code: number, reason: string]> {
  return new Promise((resolve) => session.once("closed", (...end) => resolve(end)));
}

/** The texts that a session receives, in order. */
function texts(session: CryoServerWebsocketSession): string[] {
  const received: string[] = [];
  session.on("message-utf8", (text) => received.push(text));
  return received;
}

for (const use_cale of [false, true]) {
  describe(use_cale ? "with CALE" : "without CALE", () => {
    test("messages of every size arrive in order, both ways, and are acknowledged", async (t) => {
      const { client, session } = await meet(t, use_cale);
      const received: Buffer[] = [];
      session.on("message-binary", (data) => {
        received.push(data);
        void session.SendBinary(data);
      });
      const echoed: Buffer[] = [];
      const all = new Promise<void>((resolve) => {
        client.on("message-binary", (data) => {
          echoed.push(data);
          if (echoed.length === 5) resolve();
        });
      });
      const sizes = [0, 1, 65_536, 1_048_576, 7];
      const sent = sizes.map((size, index) => Buffer.alloc(size, index + 1));
      assert.deepEqual(
        await Promise.all(sent.map((bytes) => client.SendBinary(bytes))),
        sizes.map(() => true),
      );
      await all;
      assert.deepEqual(received, sent);
      assert.deepEqual(echoed, sent);
      assert.equal(client.secure, use_cale);
    });

    test("bytes may be changed as soon as the call that sends them has returned, and what was delivered stays as it is", async (t) => {
      const { client, session } = await meet(t, use_cale);
      const received: Buffer[] = [];
      session.on("message-binary", (data) => received.push(data));
      const bytes = Buffer.alloc(65_536);
      const sent = Array.from({ length: 20 }, (_, index) => client.SendBinary(bytes.fill(index)));
      bytes.fill(0xff);
      await Promise.all(sent);
      const later = Array.from({ length: 20 }, (_, index) => client.SendBinary(bytes.fill(20 + index)));
      bytes.fill(0xff);
      await Promise.all(later);
      assert.deepEqual(
        received,
        Array.from({ length: 40 }, (_, index) => Buffer.alloc(65_536, index)),
      );
    });

    test("connected comes once a handler can be attached, and the ends agree on the channel", async (t) => {
      const server = await start(t, { use_cale });
      const log: string[] = [];
      server.on("session", (session) => {
        for (const event of ["connected", "secure"] as const) session.on(event, () => log.push(`server ${event}`));
      });
      const accepted = nextSession(server);
      const client = await connect(t, server, { use_cale });
      for (const event of ["connected", "secure"] as const) client.on(event, () => log.push(`client ${event}`));
      const session = await accepted;
      await client.SendUTF8("hello");
      const events = use_cale ? ["connected", "secure"] : ["connected"];
      for (const end of ["client", "server"]) {
        assert.deepEqual(
          log.filter((line) => line.startsWith(end)),
          events.map((event) => `${end} ${event}`),
        );
      }
      assert.deepEqual(client.channelBinding, session.channelBinding);
      assert.equal(client.channelBinding?.byteLength, use_cale ? 32 : undefined);
      assert.equal(client.id, session.id);
      assert.match(client.id, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
      assert.equal(client.dialect, "cryo");
    });

    test("a lost connection is replaced, with fresh keys, and what was sent meanwhile arrives first and in order", async (t) => {
      const server = await start(t, { use_cale });
      const accepted = nextSession(server);
      const client = await connect(t, server, { use_cale });
      const first = await accepted;
      await client.SendUTF8("before");
      const oldBinding = client.channelBinding;
      const log: string[] = [];
      for (const event of ["disconnected", "reconnected", "secure"] as const) client.on(event, () => log.push(event));
      const again = nextSession(server);
      first.Destroy();
      await once(client, "disconnected");
      assert.equal(client.secure, false);
      assert.equal(client.channelBinding, null);
      const sent = [client.SendUTF8("a"), client.SendBinary(Buffer.from("b")), client.SendUTF8("c")];
      const second = await again;
      const received = texts(second);
      await Promise.all(sent);
      await client.SendUTF8("d");
      assert.deepEqual(received, ["a", "c", "d"]);
      assert.deepEqual(log, use_cale ? ["disconnected", "reconnected", "secure"] : ["disconnected", "reconnected"]);
      assert.equal(second.secure, use_cale);
      if (use_cale) assert.notDeepEqual(client.channelBinding, oldBinding);
    });

    test("extensions of both ends see the messages as they were meant", async (t) => {
      const { server, client, session } = await meet(t, use_cale);
      const seen: string[] = [];
      server.RegisterExtension({
        name: "listen",
        on_receive_utf8: async (_, box) => {
          seen.push(`server ${box.value}`);
          box.value = box.value.toUpperCase();
          return true;
        },
      });
      client.RegisterExtension({
        name: "mark",
        before_send_utf8: async (_, box) => {
          seen.push(`client ${box.value}`);
          return box.value !== "stopped";
        },
      });
      const received = texts(session);
      assert.deepEqual([await client.SendUTF8("stopped"), await client.SendUTF8("text")], [false, true]);
      assert.deepEqual(seen, ["client stopped", "client text", "server text"]);
      assert.deepEqual(received, ["TEXT"]);
    });

    test("Close lets what was sent be acknowledged, and both ends end with 4000", async (t) => {
      const { client, session } = await meet(t, use_cale);
      const received = texts(session);
      const [atServer, atClient] = [closed(session), closed(client)];
      const sent = client.SendUTF8("last words");
      await client.Close("done");
      assert.equal(await sent, true);
      assert.deepEqual(received, ["last words"]);
      assert.deepEqual(
        [await atServer, await atClient],
        [
          [4000, "done"],
          [4000, "done"],
        ],
      );
    });
  });

  test(`CALE only ${use_cale ? "on the server" : "on the client"}: both ends hear of it in time, and nothing is delivered`, async (t) => {
    const server = await start(t, { use_cale });
    const accepted = nextSession(server);
    const client = await connect(t, server, { use_cale: !use_cale, timeout: 300 });
    const session = await accepted;
    const received = [...texts(session), ...texts(client)];
    const errors: Error[] = [];
    client.on("error", (error) => errors.push(error));
    const ends = [closed(client), closed(session)];
    const sent = [client.SendUTF8("secret"), session.SendUTF8("secret")];
    const refusals = await Promise.allSettled(use_cale ? [sent[1]] : [sent[0]]);
    for (const [code, reason] of await Promise.all(ends)) {
      assert.equal(code, 4010);
      assert.match(reason, /use_cale/);
    }
    assert.deepEqual(
      refusals.map(({ status }) => status),
      ["rejected"],
    );
    assert.deepEqual(received, []);
    assert.ok(errors[0] instanceof CaleError);
    assert.deepEqual([errors[0].code, errors[0].closeCode], ["CALE", 4010]);
    assert.doesNotMatch(inspect([client, errors], { depth: 10, showHidden: true }), /s3cret/);
  });
}

test("a session to another server is encrypted as this server's are", async (t) => {
  const [near, far] = [await start(t, { use_cale: true }), await start(t, { use_cale: true })];
  const accepted = nextSession(far);
  const peer = await near.ConnectPeer(`127.0.0.1:${far.port}`, token);
  t.after(() => peer.Destroy());
  const received = texts(await accepted);
  await peer.SendUTF8("hello");
  assert.deepEqual(received, ["hello"]);
  assert.equal(peer.Get("__TYPE"), "peer");
  assert.equal(peer.secure, true);
});

test("a session to a server that does not encrypt ends with 4010 within its own timeout", limits, async (t) => {
  const [near, far] = [await start(t, { use_cale: true, handshakeTimeoutMs: 60_000 }), await start(t)];
  const peer = await near.ConnectPeer(`127.0.0.1:${far.port}`, token, { timeout: 100 });
  t.after(() => peer.Destroy());
  const sent = peer.SendUTF8("never in the clear").catch((error: Error) => error.name);
  const told = (error: unknown) => error instanceof CaleError && error.closeCode === 4010;
  await assert.rejects(once(peer, "closed"), told);
  assert.equal(await sent, "SessionClosedError");
});

test("the positional form takes use_cale and a timeout", async (t) => {
  const server = await start(t, { use_cale: true });
  const client = await cryo(`127.0.0.1:${server.port}`, token, true, 10_000);
  t.after(() => client.Destroy());
  assert.equal(await client.SendUTF8("hello"), true);
  assert.equal(client.secure, true);
});

for (const [options, option] of [
  [{ use_cale: "yes" }, "use_cale"],
  [{ nonceOrder: "any" }, "nonceOrder"],
  [{ compat: { acceptPlaintextBeforeFirstRecord: 1 } }, "compat.acceptPlaintextBeforeFirstRecord"],
  [{ compat: { other: true } }, "compat.other"],
  [{ streamStallTimeoutMs: 1000 }, "streamStallTimeoutMs"],
] as const) {
  test(`the option ${option} is checked before anything is sent`, async () => {
    await assert.rejects(cryo("127.0.0.1:9", token, options as never), (error) => {
      return error instanceof OptionsError && error.option === option;
    });
  });
}

test("a timeout that makes no sense is refused in the positional form as well, also where use_cale is left open", async () => {
  for (const use_cale of [true, undefined]) {
    await assert.rejects(cryo("127.0.0.1:9", token, use_cale, -1), /option "timeout" must be/);
  }
});

test("a timeout beside an object of options is refused, not ignored", async () => {
  const both = cryo as (host: string, bearer: string, options: object, timeout: number) => Promise<unknown>;
  await assert.rejects(both("127.0.0.1:9", token, { use_cale: true }, 1000), /option "timeout" belongs to the options/);
});
