import assert from "node:assert/strict";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { describe, it, type TestContext } from "node:test";
import { ConnectionLostError, type CAMPClientWebsocketSession as Session } from "camp-client-node";
import { ClientRig, type ClientRigOptions, works } from "./client-rig.js";
import { failureOf } from "./patience.js";
import type { Peer } from "./peer.js";
import { closing } from "./rig.js";

const limits = { timeout: 20_000 };
const reconnect = { minDelayMs: 1, maxDelayMs: 4, maxAttempts: 5 };

async function connect(
  context: TestContext,
  options?: ClientRigOptions,
): Promise<{ rig: ClientRig; client: Session; peer: Peer }> {
  const rig = await ClientRig.start(context, options);
  return { rig, ...(await rig.connect({ reconnect })) };
}

const refusal = (status: number, text: string): string =>
  `HTTP/1.1 ${status} Refused\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`;

const events = (client: Session): string[] => {
  const seen: string[] = [];
  for (const name of ["connected", "disconnected", "reconnected", "closed"] as const) {
    client.on(name, () => seen.push(name));
  }
  return seen;
};

describe("a client whose connection is cut", () => {
  it(
    "comes back under its id and sends again what was not acknowledged, under new numbers",
    limits,
    async (context) => {
      const { rig, client, peer } = await connect(context, { acknowledges: false });
      const order: string[] = [];
      const send = (text: string): Promise<unknown> => client.base.SendUTF8(text).then(() => order.push(text));
      const sent = ["a", "b", "c"].map(send);
      const first = [await peer.take("utf8"), await peer.take("utf8"), await peer.take("utf8")];
      assert.deepEqual(
        first.map(({ ack }) => ack),
        [1, 2, 3],
      );
      peer.acknowledge(first[1]!);
      await sent[1];
      const lost = once(client, "disconnected");
      peer.socket.terminate();
      await lost;
      sent.push(send("d"));

      const next = await rig.nextPeer();
      assert.equal(next.make.sid, peer.make.sid);
      await next.connected();
      for (const [index, text] of ["a", "c", "d"].entries()) {
        const frame = await next.take("utf8");
        assert.deepEqual([frame.ack, frame.text], [index + 1, text]);
        next.acknowledge(frame);
      }
      await Promise.all(sent);
      assert.deepEqual(order, ["b", "a", "c", "d"]);
      assert.equal(next.count("utf8"), 3);
    },
  );

  it("tells disconnected, then reconnected", limits, async (context) => {
    const rig = await ClientRig.start(context);
    const client = await rig.dial({ reconnect });
    const seen = events(client);
    const peer = await rig.nextPeer();
    await works(client, peer);
    const back = once(client, "reconnected");
    peer.socket.terminate();
    const next = await rig.nextPeer();
    await back;
    await works(client, next);
    assert.deepEqual(seen, ["connected", "disconnected", "reconnected"]);
  });

  it("sends nothing but ENDPOINT_INFO before the server introduced itself", limits, async (context) => {
    const rig = await ClientRig.start(context, { introducesItself: false });
    const client = await rig.dial({ reconnect });
    const sent = client.base.SendUTF8("wait for it");
    const peer = await rig.nextPeer();
    await peer.take("info");
    await peer.settled();
    assert.equal(peer.count("utf8"), 0);
    peer.introduce();
    assert.equal(await sent, true);
  });

  it("fails its streams and pings, and goes on waiting for streams to come", limits, async (context) => {
    const { rig, client, peer } = await connect(context, { acknowledges: false, answersPings: false });
    const waiting = client.transaction.WaitForStream("after");
    const reading = client.transaction.WaitForStream("torn");
    peer.start(0, 10n, 0, "torn");
    peer.chunk(0, 0, Buffer.of(1));
    const read = failureOf(buffer(await reading));
    const sent = failureOf(client.transaction.Stream(Buffer.of(1)));
    const ping = failureOf(client.base.Ping());
    await peer.take("start");
    peer.socket.terminate();
    assert.ok((await read) instanceof ConnectionLostError);
    assert.ok((await sent) instanceof ConnectionLostError);
    await ping;

    const next = await rig.nextPeer();
    await next.connected();
    next.start(0, 3n, 0, "after");
    next.chunk(0, 0, Buffer.from("abc"));
    next.finish(0);
    assert.equal((await buffer(await waiting)).toString(), "abc");
    await next.settled();
    assert.equal(next.count("start"), 0, "streams are not sent again");
  });

  it("numbers streams from 0 again", limits, async (context) => {
    const { rig, client, peer } = await connect(context);
    await client.transaction.Stream(Buffer.of(1));
    peer.socket.terminate();
    const next = await rig.nextPeer();
    await next.connected();
    await client.transaction.Stream(Buffer.of(2));
    assert.equal((await next.take("start")).txId, 0);
  });

  it("rejects a message that was in flight at two closes with 4001", limits, async (context) => {
    const { rig, client, peer } = await connect(context, { acknowledges: false });
    const poison = failureOf(client.base.SendUTF8("poison"));
    await peer.take("utf8");
    peer.socket.close(4001, "malformed");
    const second = await rig.nextPeer();
    await second.take("utf8");
    second.socket.close(4001, "malformed");
    await poison;
    const third = await rig.nextPeer();
    await third.connected();
    const healthy = client.base.SendUTF8("healthy");
    const frame = await third.take("utf8");
    assert.equal(frame.text, "healthy");
    third.acknowledge(frame);
    await healthy;
  });

  for (const code of [1001, 1011, 1012, 1013, 4001, 4002, 1005]) {
    it(`comes back after ${code}`, limits, async (context) => {
      const { rig, client, peer } = await connect(context);
      if (code === 1005) peer.socket.close();
      else peer.socket.close(code, "for now");
      const next = await rig.nextPeer();
      await next.connected();
      await works(client, next);
    });
  }

  for (const code of [4000, 4010, 4011, 4100, 4999, 1002, 1003, 1007, 1008, 1009]) {
    it(`is closed for good by ${code}`, limits, async (context) => {
      const { rig, client, peer } = await connect(context);
      const closed = closing(client);
      peer.socket.close(code, "for good");
      assert.deepEqual(await closed, [code, "for good"]);
      assert.equal(rig.requests.length, 1);
    });
  }

  it("is closed for good by BYE, but comes back when that says it did not respond", limits, async (context) => {
    const { rig, client, peer } = await connect(context);
    const back = once(client, "reconnected");
    peer.bye("Disconnecting session due to not responding to pings");
    peer.socket.close(4000);
    const next = await rig.nextPeer();
    await back;
    const closed = closing(client);
    next.bye("that was all");
    assert.deepEqual(await closed, [4000, "that was all"]);
    assert.equal(rig.requests.length, 2);
  });

  it("tries again on 409, and on the 401 that deployed servers give for an id in use", limits, async (context) => {
    const answers = new Map([
      [2, refusal(409, "in use")],
      [3, refusal(401, "the session id is in use")],
      [4, refusal(503, "busy")],
    ]);
    const { rig, client, peer } = await connect(context, {
      refuses: (_request, attempt) => answers.get(attempt) ?? null,
    });
    peer.socket.terminate();
    const next = await rig.nextPeer();
    await next.connected();
    await works(client, next);
    assert.equal(rig.requests.length, 5);
  });

  it("gives up on a plain 401", limits, async (context) => {
    const { rig, client, peer } = await connect(context, {
      refuses: (_request, attempt) => (attempt > 1 ? refusal(401, "no") : null),
    });
    const closed = closing(client);
    peer.socket.terminate();
    await closed;
    assert.equal(rig.requests.length, 2);
  });

  it("gives up after so many attempts", limits, async (context) => {
    const { rig, client, peer } = await connect(context, {
      refuses: (_request, attempt) => (attempt > 1 ? refusal(503, "busy") : null),
    });
    const closed = closing(client);
    const waiting = failureOf(client.base.SendUTF8("never"));
    peer.socket.terminate();
    assert.equal((await closed)[0], 1006);
    await waiting;
    assert.equal(rig.requests.length, 1 + reconnect.maxAttempts);
  });
});
