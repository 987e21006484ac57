import { type RandomBelow, randomBelow } from "../random.js";
import { code, type Frames, u8, u32, u64 } from "./frames.js";

/** All that are known, those that nobody negotiated here among them. */
const types = [...new Set([...Object.values(code), 16, 17, 18, 19, 20, 21, 22])];

/** Frames that are almost right, so that they get as far as possible before something is noticed. */
export class Mischief {
  readonly #below: RandomBelow;

  constructor(seed: number) {
    this.#below = randomBelow(seed);
  }

  frame(make: Frames): Buffer {
    const frame = this.#likely(make);
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

  #likely(make: Frames): Buffer {
    const ack = this.#pick([0, 1, 2, this.#below(100), 0xffff_ffff]);
    const txId = this.#pick([0, 1, 2, this.#below(100), 0xffff_ffff]);
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
}
