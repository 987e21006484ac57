import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { randomFrom } from "../random.js";
import { code, u8, u32, u64 } from "./frames.js";
import type { Peer } from "./peer.js";
import { ServerRig } from "./server-rig.js";

const framesInAll = 20_000;
const framesPerPeer = 25;
const seed = Number(process.env.WIRE_SEED ?? 20_240_731);

/** Frames that are almost right, so that they get as far as possible before something is noticed. */
class Mischief {
  readonly #random: () => number;

  constructor(from: number) {
    this.#random = randomFrom(from);
  }

  frame(peer: Peer): Buffer {
    const frame = this.#likely(peer);
    switch (this.#below(120)) {
      case 0:
        return frame.subarray(0, this.#below(frame.length + 1));
      case 1:
        return Buffer.concat([frame, this.#bytes(1 + this.#below(8))]);
      case 2: {
        const changed = Buffer.from(frame);
        changed[this.#below(changed.length)]! ^= 1 << this.#below(8);
        return changed;
      }
      case 3:
        return this.#bytes(this.#below(64));
      default:
        return frame;
    }
  }

  #likely({ make }: Peer): Buffer {
    const ack = this.#pick([0, 1, 2, this.#below(100), 0xffff_ffff]);
    const txId = this.#pick([0, 1, 2, this.#below(100), 0xffff_ffff]);
    const types = Object.values(code);
    switch (this.#below(14)) {
      case 0:
        return make.start(ack, txId, this.#size(), 0, this.#rarely() ? this.#bytes(2) : "t");
      case 1:
        return make.start(ack, this.#below(10_000), BigInt(this.#below(300)), this.#below(2), "s");
      case 2:
        return make.chunk(txId, this.#offset(), this.#bytes(this.#below(200)));
      case 3:
        return make.chunk(txId, 0n, this.#bytes(this.#below(200)));
      case 4:
        return make.fetch(ack, txId, this.#offset(), this.#offset());
      case 5:
        return make.finish(ack, txId);
      case 6:
        return make.cancel(ack, txId);
      case 7:
        return make.abort(ack, txId, "why");
      case 8:
        return make.utf8(ack, this.#rarely() ? this.#bytes(5) : "some text");
      case 9:
        return make.binary(ack, this.#bytes(this.#below(2000)));
      case 10:
        return make.error(ack, this.#bytes(this.#below(20)));
      case 11:
        return make.ack(ack);
      case 12:
        return this.#rarely() ? make.bye(ack, this.#bytes(4)) : make.ping();
      default:
        if (!this.#rarely()) return make.pong();
        return Buffer.concat([u64(make.sid), u8(this.#pick(types)), u32(ack), this.#bytes(this.#below(40))]);
    }
  }

  #offset(): bigint {
    return this.#rarely() ? 2n ** 64n - 1n : this.#pick([0n, 1n, BigInt(this.#below(400)), 2n ** 53n, 2n ** 63n]);
  }

  #size(): bigint {
    return this.#rarely() ? -2n : this.#pick([-1n, 0n, 1n, BigInt(this.#below(400)), 2n ** 53n, 2n ** 63n - 1n]);
  }

  #rarely(): boolean {
    return this.#below(40) === 0;
  }

  #bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.#below(256)));
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[this.#below(values.length)]!;
  }

  #below(limit: number): number {
    return this.#random() % limit;
  }
}

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
        for (let count = 0; count < framesPerPeer; count++) peer.send(mischief.frame(peer));
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
