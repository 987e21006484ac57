import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { describe, it, type TestContext } from "node:test";
import { CAMP as connectCamp } from "camp-client-node";
import { CAMP, type MixedServer, type MixedServerOptions, type MixedSession } from "camp-server";
import { cryo as connectCryo } from "cryo-client-node";
import { WebSocket } from "ws";
import { CryoPeer } from "./cryo-peer.js";
import { within } from "./patience.js";
import { Peer } from "./peer.js";
import { bearer, RawConnection, refused, upgradeHead } from "./raw-upgrade.js";
import { token } from "./rig.js";
import { newSid } from "./server-rig.js";

const limits = { timeout: 20_000 };
const uuid = "0b6e5c1a-9f3d-4e2b-8a7c-1d2e3f4a5b6c";

async function start(context: TestContext, options: Partial<MixedServerOptions> = {}): Promise<MixedServer> {
  const validate = async (given: string): Promise<boolean> => given === token;
  const both = { dialects: ["camp", "cryo"], use_cale: true, port: 0, host: "127.0.0.1" } as const;
  const server = await CAMP({ validate }, { ...both, ...options });
  context.after(() => server.Destroy());
  await once(server, "listening");
  server.on("session", (session) => {
    session.on("message-utf8", (text: string) => {
      const send = session.dialect === "camp" ? session.base.SendUTF8(text) : session.SendUTF8(text);
      send.catch(() => {});
    });
  });
  return server;
}

/** The session that the next upgrade becomes. */
async function nextSession(server: MixedServer): Promise<MixedSession> {
  const session = new Promise<MixedSession>((resolve) => server.once("session", resolve));
  return within(session, () => new Error("no session comes"));
}

function dial(context: TestContext, server: MixedServer, query: string): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/?${bearer}&${query}`, { perMessageDeflate: false });
  context.after(() => socket.terminate());
  return socket;
}

describe("one port for both dialects", () => {
  it("serves plain peers of both next to each other, and tells which is which", limits, async (context) => {
    const server = await start(context);
    const sid = newSid();
    let session = nextSession(server);
    const newer = new Peer(dial(context, server, `x-camp-sid=${sid}`), sid);
    assert.deepEqual([(await session).dialect, (await session).id], ["camp", sid]);
    session = nextSession(server);
    const older = new CryoPeer(dial(context, server, `x-cryo-sid=${uuid}`), uuid, "client");
    assert.deepEqual([(await session).dialect, (await session).id], ["cryo", uuid]);
    await Promise.all([newer.connected(), older.connected()]);
    for (const peer of [newer, older]) {
      await peer.takeAck(peer.utf8("hello"));
      assert.equal((await peer.take("utf8")).text, "hello");
      peer.check();
    }
    assert.deepEqual([...server.sessions.keys()], [sid, uuid]);
  });

  it("serves clients of ours of both", limits, async (context) => {
    const server = await start(context);
    const host = `127.0.0.1:${server.port}`;
    const newer = await connectCamp(host, token, { reconnect: false });
    const older = await connectCryo(host, token, { use_cale: true, reconnect: false });
    context.after(() => Promise.all([newer.Close(), older.Close()]));
    const heard = [once(newer, "message-utf8"), once(older, "message-utf8")];
    assert.equal(await newer.base.SendUTF8("from CAMP"), true);
    assert.equal(await older.SendUTF8("from Cryo"), true);
    assert.deepEqual(await Promise.all(heard), [["from CAMP"], ["from Cryo"]]);
    assert.equal(older.secure, true);
    assert.deepEqual(
      [...server.sessions.values()].map(({ dialect }) => dialect),
      ["camp", "cryo"],
    );
  });

  it("goes on with a CAMP session while a Cryo peer attacks, and the other way round", limits, async (context) => {
    const server = await start(context);
    const sid = newSid();
    const newer = new Peer(dial(context, server, `x-camp-sid=${sid}`), sid);
    const older = new CryoPeer(dial(context, server, `x-cryo-sid=${uuid}`), uuid, "client");
    await Promise.all([newer.connected(), older.connected()]);
    await older.settled();
    const attackerId = randomUUID();
    const attacker = new CryoPeer(dial(context, server, `x-cryo-sid=${attackerId}`), attackerId, "client");
    await attacker.connected();
    attacker.send(attacker.make.utf8(1, "in the clear"));
    assert.equal((await attacker.ended()).code, 4011);
    await newer.settled();
    newer.send(newer.make.ping().subarray(0, 10));
    assert.equal((await newer.ended()).code, 4001);
    await older.takeAck(older.utf8("still here"));
    older.check();
  });

  for (const [what, query, dialect, key] of [
    ["a number as x-camp-sid", "x-camp-sid=7", "camp", 7n],
    ["a UUID as x-cryo-sid", `x-cryo-sid=${uuid}`, "cryo", uuid],
    ["a number as x-cryo-sid, which CAMP takes as well", "x-cryo-sid=8", "camp", 8n],
    ["both ids: the newer dialect", `x-cryo-sid=${uuid}&x-camp-sid=9`, "camp", 9n],
  ] as const) {
    it(`takes a request for ${dialect}: ${what}`, limits, async (context) => {
      const server = await start(context);
      const connection = await RawConnection.open(server.port, upgradeHead(`/?${bearer}&${query}`));
      await connection.acceptance();
      assert.deepEqual(
        [...server.sessions].map(([id, session]) => [id, session.dialect]),
        [[key, dialect]],
      );
      connection.socket.destroy();
    });
  }

  for (const [what, query] of [
    ["no id", ""],
    ["a UUID as x-camp-sid", `x-camp-sid=${uuid}`],
    ["letters as x-cryo-sid", "x-cryo-sid=abc"],
    ["a number and a UUID as x-cryo-sid", `x-cryo-sid=1&x-cryo-sid=${uuid}`],
    ["two numbers", "x-camp-sid=1&x-camp-sid=2"],
    ["a malformed x-camp-sid next to a UUID that would do", `x-camp-sid=x&x-cryo-sid=${uuid}`],
  ] as const) {
    it(`answers 400 to ${what}`, limits, async (context) => {
      const server = await start(context);
      assert.equal((await refused(server.port, upgradeHead(`/?${bearer}&${query}`))).status, 400);
      assert.equal(server.sessions.size, 0);
    });
  }

  for (const [what, query, offered, selected] of [
    ["camp to a CAMP client", "x-camp-sid=7", "camp", "camp"],
    ["cryo to a Cryo client", `x-cryo-sid=${uuid}`, "cryo", "cryo"],
    ["what fits the id when both are offered", `x-cryo-sid=${uuid}`, "camp, cryo", "cryo"],
    ["nothing when only the other is offered", "x-camp-sid=7", "cryo", undefined],
  ] as const) {
    it(`selects ${what}`, limits, async (context) => {
      const server = await start(context);
      const head = upgradeHead(`/?${bearer}&${query}`, { "Sec-WebSocket-Protocol": offered });
      const connection = await RawConnection.open(server.port, head);
      assert.equal((await connection.acceptance()).headers.get("sec-websocket-protocol"), selected);
      connection.socket.destroy();
    });
  }

  it("gives 409 for an id in use in either dialect, and tells the two apart", limits, async (context) => {
    const server = await start(context);
    const first = await RawConnection.open(server.port, upgradeHead(`/?${bearer}&x-camp-sid=7`));
    const second = await RawConnection.open(server.port, upgradeHead(`/?${bearer}&x-cryo-sid=${uuid}`));
    await Promise.all([first.acceptance(), second.acceptance()]);
    for (const query of ["x-camp-sid=7", "x-cryo-sid=7", `x-cryo-sid=${uuid.toUpperCase()}`]) {
      assert.equal((await refused(server.port, upgradeHead(`/?${bearer}&${query}`))).status, 409, query);
    }
    first.socket.destroy();
    second.socket.destroy();
  });

  it("refuses the other dialect where only one is served", limits, async (context) => {
    const server = await start(context, { dialects: ["cryo"] });
    assert.equal((await refused(server.port, upgradeHead(`/?${bearer}&x-camp-sid=7`))).status, 400);
  });
});
