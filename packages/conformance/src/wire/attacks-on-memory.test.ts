import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { growthSince, heldBytes } from "./held-bytes.js";
import { deferred, patienceMs, within } from "./patience.js";
import { RawSession } from "./raw-session.js";
import { masked } from "./raw-upgrade.js";
import { ServerRig } from "./server-rig.js";

const limits = { timeout: 30_000 };
const MiB = 1_048_576;
const nobody = (): void => {};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a peer that fills the memory of a server", () => {
  it("with WebSocket pings whose answers it does not read is cut off", limits, async (context) => {
    const rig = await ServerRig.start(context, { onSession: nobody });
    const session = await RawSession.open(context, rig);
    const ended = once(rig.admittedAs(session.make.sid), "closed");
    const pings = Buffer.concat(Array.from({ length: 2000 }, () => masked(Buffer.alloc(125), 0x89)));
    await session.flood(pings, 500);
    await within(ended, () => new Error("it goes on for ever"));
    assert.equal(rig.server.sessions.size, 0);
  });

  it("with messages whose hook takes its time is not read any further", limits, async (context) => {
    const gate = deferred<void>();
    const rig = await ServerRig.start(context, { onSession: nobody });
    rig.server.RegisterExtension({
      name: "slow",
      on_receive_binary: async () => {
        await gate.promise;
        return true;
      },
    });
    const peer = await rig.connect();
    const session = rig.sessionOf(peer);
    const lengths: number[] = [];
    const all = deferred<void>();
    const messages = 3000;
    session.on("message-binary", (bytes) => {
      if (lengths.push(bytes.readUInt32BE()) === messages) all.resolve();
    });
    const received = once(session, "message-binary");
    for (let index = 0; index < messages; index++) {
      const content = Buffer.alloc(20_000);
      content.writeUInt32BE(index);
      peer.binary(content);
    }
    // The kernel's buffers fill up first: no more comes out of the peer's own once the server has stopped.
    for (let still = 0, before = -1; still < 50; still++, await turn()) {
      if (peer.socket.bufferedAmount !== before) still = 0;
      before = peer.socket.bufferedAmount;
    }
    assert.ok(peer.socket.bufferedAmount > 20 * MiB, `${peer.socket.bufferedAmount} bytes wait at the peer`);
    assert.ok(session.stats.bytesRx < 12 * MiB, `${session.stats.bytesRx} bytes were taken`);
    assert.equal(peer.count("ack"), 1, "nothing is acknowledged before its hooks ran");
    gate.resolve();
    await received;
    await within(all.promise, () => new Error(`${lengths.length} of ${messages} messages in ${patienceMs} ms`));
    assert.deepEqual(lengths, [...lengths.keys()]);
  });

  it("by not reading what is sent to it holds no more than the server's limit for all", limits, async (context) => {
    const rig = await ServerRig.start(context, { onSession: nobody, maxBufferedBytes: 4 * MiB });
    const peer = await rig.connect();
    const idle = await RawSession.open(context, rig);
    idle.connection.socket.pause();
    const victim = rig.admittedAs(idle.make.sid);
    const before = heldBytes();
    let outcomes = 0;
    const count = (): void => void outcomes++;
    const sent: Promise<void>[] = [];
    for (let index = 0; index < 1500; index++) {
      sent.push(victim.base.SendBinary(Buffer.alloc(64 * 1024)).then(count, count));
      if (index % 16 === 0) await turn();
    }
    assert.ok(victim.stats.queuedBytes <= 256 * 1024, `${victim.stats.queuedBytes} bytes wait`);
    const growth = await growthSince(before, 16 * MiB);
    assert.ok(growth < 16 * MiB, `${growth} bytes are held`);
    assert.equal(await rig.sessionOf(peer).base.SendUTF8("undisturbed"), true);
    assert.equal((await peer.take("utf8")).text, "undisturbed");
    victim.Destroy();
    await Promise.all(sent);
    assert.equal(outcomes, 1500);
  });

  it("with many small sessions at once leaves nothing behind", limits, async (context) => {
    const rig = await ServerRig.start(context);
    await rig.invite();
    for (let round = 0; round < 4; round++) {
      const peers = await Promise.all(Array.from({ length: 50 }, () => rig.connect()));
      for (const [index, peer] of peers.entries()) {
        peer.start(0, -1n, 0, "unfinished");
        peer.chunk(0, 0, Buffer.alloc(1000));
        peer.utf8("and gone");
        if (index % 3 === 0) peer.socket.terminate();
        else if (index % 3 === 1) peer.socket.close(4000);
        else peer.bye("well-behaved");
      }
      await Promise.all(peers.map((peer) => rig.endOf(peer)));
      await rig.verify();
    }
  });
});
