import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Mischief } from "./mischief.js";
import { ServerRig } from "./server-rig.js";

const framesInAll = 20_000;
const framesPerPeer = 25;
const seed = Number(process.env.WIRE_SEED ?? 20_240_731);

describe("random frames", () => {
  for (const features of [1n, 1n | (1n << 32n)]) {
    it(`of seed ${seed} with features ${features} leave a server and its other sessions alone`, {
      timeout: 60_000,
    }, async (context) => {
      const rig = await ServerRig.start(context, {
        onSession: (session) => {
          session.on("message-utf8", (text) => {
            session.base.SendUTF8(text).catch(() => {});
          });
          // Something to fetch and to cancel, and somebody who reads.
          session.transaction.Stream(Buffer.alloc(300), { behaviour: "pull" }).catch(() => {});
          session.transaction.Stream(Buffer.alloc(300_000)).catch(() => {});
          session.transaction.WaitForStream("s").then(
            (stream) => stream.on("error", () => {}).resume(),
            () => {},
          );
        },
      });
      await rig.invite();
      const mischief = new Mischief(seed + Number(features >> 32n));
      const ends = new Map<number, number>();
      for (let sent = 0; sent < framesInAll / 2; sent += framesPerPeer) {
        const peer = rig.open({ features });
        await peer.connected();
        for (let count = 0; count < framesPerPeer; count++) peer.send(mischief.frame(peer.make));
        peer.socket.close(4000);
        const end = await peer.ended();
        ends.set(end.code, (ends.get(end.code) ?? 0) + 1);
        const [closed] = await rig.endOf(peer);
        assert.ok([4000, 4001].includes(closed), `seed ${seed}: closed with ${closed} after ${sent} frames`);
        // What it sent makes no sense, so what it got is not judged.
        peer.faults.length = 0;
        if (sent % 2500 === 0) await rig.verifyEcho();
      }
      context.diagnostic(`ends by code: ${JSON.stringify([...ends])}`);
      await rig.verify();
    });
  }
});
