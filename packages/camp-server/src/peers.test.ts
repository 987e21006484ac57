import assert from "node:assert/strict";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, type TestContext, test } from "node:test";
import { ConnectError } from "./index.js";
import { nextSession, start } from "./support.test.js";

/** Two servers with a session from the first to the second. */
async function twoServers(t: TestContext) {
  const [near, far] = [await start(t), await start(t)];
  near.on("session", () => assert.fail("a peer is no client"));
  const accepted = nextSession(far);
  const peer = await near.ConnectPeer(`127.0.0.1:${far.port}`, "token");
  const session = await accepted;
  await Promise.all([once(peer, "connected"), once(session, "connected")]);
  return { near, far, peer, session };
}

describe("ConnectPeer", () => {
  test("opens a session that is a peer here and a client there", async (t) => {
    const { near, far, peer, session } = await twoServers(t);
    assert.equal(peer.Get("__TYPE"), "peer");
    assert.equal(session.Get("__TYPE"), "client");
    assert.equal(peer.id, session.id);
    assert.equal(near.sessions.size, 0);
    assert.equal(far.sessions.get(session.id), session);
  });

  test("carries messages and streams both ways", async (t) => {
    const { peer, session } = await twoServers(t);
    const received = [once(session, "message-utf8"), once(peer, "message-binary")];
    assert.deepEqual(await Promise.all([peer.base.SendUTF8("there"), session.base.SendBinary(Buffer.from("back"))]), [
      true,
      true,
    ]);
    assert.deepEqual(await Promise.all(received), [["there"], [Buffer.from("back")]]);
    const sent = peer.transaction.Stream([Buffer.from("a "), Buffer.from("stream")], { streamName: "s" });
    assert.equal(await text(await session.transaction.WaitForStream("s")), "a stream");
    await sent;
  });

  test("runs the server's own extensions", async (t) => {
    const { near, far, peer, session } = await twoServers(t);
    const seen: string[] = [];
    near.RegisterExtension({
      name: "near",
      before_send_utf8: (hooked, box) => {
        seen.push(`near ${hooked === peer}`);
        box.value += "!";
        return true;
      },
    });
    far.RegisterExtension({
      name: "far",
      on_receive_utf8: (hooked, box) => {
        seen.push(`far ${hooked === session}`);
        box.value += "?";
        return true;
      },
    });
    const received = once(session, "message-utf8");
    await peer.base.SendUTF8("hello");
    assert.deepEqual(await received, ["hello!?"]);
    assert.deepEqual(seen, ["near true", "far true"]);
  });

  test("has its session closed with the server, and the other end knows", async (t) => {
    const { near, peer, session } = await twoServers(t);
    const closed = [once(peer, "closed"), once(session, "closed")];
    await near.Destroy();
    assert.deepEqual(await Promise.all(closed), [
      [4000, "the server shuts down"],
      [4000, "the server shuts down"],
    ]);
  });

  test("does not reconnect", async (t) => {
    const { peer, session } = await twoServers(t);
    peer.on("disconnected", () => assert.fail("disconnected"));
    const closed = once(peer, "closed");
    session.Destroy();
    assert.equal((await closed)[0], 1006);
  });

  test("rejects with what kept it from connecting", async (t) => {
    const near = await start(t);
    const far = await start(t, {}, () => false);
    await assert.rejects(near.ConnectPeer(`127.0.0.1:${far.port}`, "wrong"), (error) => {
      assert.ok(error instanceof ConnectError);
      assert.deepEqual([error.code, error.status], ["UNAUTHORIZED", 401]);
      return true;
    });
    await assert.rejects(near.ConnectPeer(42 as never, "token"), TypeError);
    await assert.rejects(near.ConnectPeer("127.0.0.1", "token", { reconnect: true } as never), { code: "BAD_OPTION" });
  });
});
