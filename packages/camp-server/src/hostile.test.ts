import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { describe, test } from "node:test";
import { join, nextSession, RawClient, start } from "./support.test.js";

describe("a peer that", () => {
  test("does not read costs its own session only, once the server holds too much", async (t) => {
    const server = await start(t, { maxBufferedBytes: 100_000 });
    const { client, session } = await join(t, server);
    const accepted = nextSession(server);
    const greedy = await RawClient.open(t, server, 1n);
    const greedySession = await accepted;
    await greedy.introduce(greedySession);
    const closed = once(greedySession, "closed");
    // Acknowledged by nobody, so held in memory.
    const lost = assert.rejects(greedySession.base.SendBinary(Buffer.alloc(1_000_000)), { name: "SessionClosedError" });
    assert.deepEqual((await closed)[0], 4002);
    await lost;
    assert.equal(session.state, "open");
    assert.equal(await client.base.SendUTF8("still here"), true);
  });

  test("sends garbage instead of HTTP gets an answer and disturbs nobody", async (t) => {
    const server = await start(t);
    const { client } = await join(t, server);
    const socket = connectSocket(server.port, "127.0.0.1");
    socket.write("\u0000\u0001garbage\r\n\r\n");
    const [answer] = await once(socket, "data");
    assert.match(String(answer), /^HTTP\/1\.1 400 /);
    socket.destroy();
    assert.equal(await client.base.SendUTF8("still here"), true);
  });

  test("sends a frame of another session is told so and closed with 4001", async (t) => {
    const server = await start(t);
    const accepted = nextSession(server);
    const foreign = await RawClient.open(t, server, 1n);
    const session = await accepted;
    await foreign.introduce(session);
    const closed = [once(session, "closed"), foreign.closed()];
    foreign.send({ sid: 2n, type: "utf8data", ack: 1, payload: "x" });
    await foreign.next("error");
    assert.equal((await closed[0])![0], 4001);
    assert.equal((await closed[1])![0], 4001);
  });

  test("vanishes without a word ends only its own session", async (t) => {
    const server = await start(t);
    const { client } = await join(t, server);
    const accepted = nextSession(server);
    const vanishing = await RawClient.open(t, server, 1n);
    const session = await accepted;
    const closed = once(session, "closed");
    vanishing.terminate();
    assert.equal((await closed)[0], 1006);
    assert.deepEqual([...server.sessions.keys()], [client.id]);
  });
});
