import type { Random, VirtualTime } from "mock-websocket/network";
import { ConnectionLostError, ResumeFailedError } from "../errors.js";
import type { IncomingStream } from "../incoming-stream.js";
import { MIB, pauseAtBytes } from "../limits.js";
import type { StreamSource } from "../source.js";
import type { TestEnd } from "./test-end.js";

/** The byte at an offset of the stream with this seed. */
function byteAt(seed: number, offset: number): number {
  return (Math.imul(offset + 1, 2_654_435_761) ^ seed) & 255;
}

/** Readers look at one byte in this many: enough to see any chunk at a wrong place. */
const stride = 97;

function fill(target: Uint8Array, seed: number, offset: number): void {
  const first = (stride - (offset % stride)) % stride;
  for (let index = first; index < target.length; index += stride) target[index] = byteAt(seed, offset + index);
}

interface Sent {
  readonly name: string;
  readonly size: number;
  readonly breaks: boolean;
  sender: "open" | "done" | Error;
  reader: "none" | "waiting" | "reading" | "cancelled" | "ended" | Error;
  closes: number;
}

/** Streams of one direction, from sources that stutter and fail to readers that dawdle and give up. */
export class SimulatedStreams {
  readonly #name: string;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #fail: (fault: string) => void;
  readonly #bounded: () => boolean;
  readonly #sent: Sent[] = [];
  readonly #reading = new Map<IncomingStream, number>();

  /** `bounded` tells whether readers can hold the network back at the moment. */
  constructor(name: string, time: VirtualTime, random: Random, fail: (fault: string) => void, bounded: () => boolean) {
    this.#bounded = bounded;
    this.#name = name;
    this.#time = time;
    this.#random = random;
    this.#fail = fail;
  }

  get count(): number {
    return this.#sent.length;
  }

  start(from: TestEnd, to: TestEnd | null): void {
    const random = this.#random;
    const size = random.chance(0.04) ? 12_000_000 : random.pick([0, 1, 1000, 65_536, 200_000, 700_000]);
    const name = `${this.#name}${this.#sent.length}`;
    const breaks = random.chance(0.15);
    const sent: Sent = { name, size, breaks, sender: "open", reader: "none", closes: 0 };
    this.#sent.push(sent);
    const behaviour = random.pick(["push", "pull"] as const);
    from.session.stream(this.#source(sent, behaviour), { name, behaviour }).then(
      () => {
        sent.sender = "done";
      },
      (error: Error) => {
        sent.sender = error;
      },
    );
    if (to === null || random.chance(0.1)) return;
    this.#time.after(random.pick([0, 0, 50, 2000]), () => this.#read(sent, to));
  }

  /** What readers hold unread must stay within bounds however slow they are. */
  checkMemory(): void {
    if (!this.#bounded()) return;
    let unread = 0;
    for (const [stream, taken] of this.#reading) unread += Number(stream.receivedBytes) - taken;
    const bound = Math.max(pauseAtBytes, this.#reading.size * 1.25 * MIB) + 2 * MIB;
    if (unread > bound) this.#fail(`${this.#name}: ${unread} bytes lie unread`);
  }

  /** All connections belonged to one session: no stream may have noticed that there were several. */
  checkUncut(): void {
    for (const { name, sender, reader } of this.#sent) {
      for (const fate of [sender, reader]) {
        if (fate instanceof ConnectionLostError || fate instanceof ResumeFailedError) {
          this.#fail(`stream ${name} was cut although its session was not: ${fate.message}`);
        }
      }
    }
  }

  check(): void {
    for (const { name, breaks, sender, reader, closes, size } of this.#sent) {
      if (sender === "open") this.#fail(`stream ${name}: its promise never settled`);
      if (reader === "waiting" || reader === "reading") this.#fail(`stream ${name}: its reader was left ${reader}`);
      if (breaks && size > 0 && (sender === "done" || reader === "ended")) {
        this.#fail(`stream ${name} broke at its source and was taken for whole`);
      }
      if (closes !== 1) this.#fail(`stream ${name}: its source was closed ${closes} times`);
    }
  }

  #source(sent: Sent, behaviour: "push" | "pull"): StreamSource {
    const seed = sent.name.length * 31 + sent.size;
    const random = this.#random;
    const stutter = () => (random.chance(0.5) ? Promise.resolve() : this.#time.sleep(random.integer(0, 20)));
    const breakAt = sent.breaks ? random.integer(0, Math.max(0, sent.size - 1)) : Number.POSITIVE_INFINITY;
    const close = (): void => {
      sent.closes++;
    };
    if (behaviour === "pull" || random.chance(0.5)) {
      return {
        kind: "random",
        size: BigInt(sent.size),
        close,
        readAt: async (targets, position) => {
          await stutter();
          let at = Number(position);
          for (const target of targets) {
            if (at + target.length > breakAt) throw new Error("the disk is gone");
            fill(target, seed, at);
            at += target.length;
          }
          return at - Number(position);
        },
      };
    }
    let at = 0;
    return {
      kind: "sequential",
      size: random.chance(0.5) ? BigInt(sent.size) : null,
      close,
      next: async () => {
        await stutter();
        if (at >= breakAt) throw new Error("the pipe is gone");
        if (at === sent.size) return null;
        const bytes = new Uint8Array(Math.min(sent.size - at, random.integer(1, 150_000)));
        fill(bytes, seed, at);
        at += bytes.length;
        return bytes;
      },
    };
  }

  #read(sent: Sent, to: TestEnd): void {
    sent.reader = "waiting";
    to.session.waitForStream(sent.name, { timeoutMs: 20_000 }).then(
      (stream) => this.#consume(sent, stream),
      (error: Error) => {
        sent.reader = error;
      },
    );
  }

  #consume(sent: Sent, stream: IncomingStream): void {
    const seed = sent.name.length * 31 + sent.size;
    const random = this.#random;
    const cancelAfter = random.chance(0.15) ? random.integer(0, sent.size) : Number.POSITIVE_INFINITY;
    const lazy = random.chance(0.3) ? random.integer(1, 500) : 0;
    let at = 0;
    let resting = false;
    sent.reader = "reading";
    this.#reading.set(stream, 0);
    const look = (): void => {
      while (!resting && at <= cancelAfter) {
        const chunk = stream.take();
        if (chunk === null) break;
        this.#compare(sent.name, chunk, seed, at);
        at += chunk.length;
        this.#reading.set(stream, at);
        if (lazy > 0) rest();
      }
      if (at > cancelAfter) stream.cancel("enough");
      this.#settle(sent, stream, at, at > cancelAfter);
    };
    const rest = (): void => {
      resting = true;
      this.#time.after(lazy, () => {
        resting = false;
        look();
      });
    };
    stream.onChange = () => {
      this.checkMemory();
      if (stream.state.at === "failed") this.#settle(sent, stream, at, at > cancelAfter);
      else look();
    };
    look();
  }

  #compare(name: string, chunk: Uint8Array, seed: number, at: number): void {
    const first = (stride - (at % stride)) % stride;
    for (let index = first; index < chunk.length; index += stride) {
      if (chunk[index] === byteAt(seed, at + index)) continue;
      this.#fail(`stream ${name}: wrong byte at ${at + index}`);
      return;
    }
  }

  #settle(sent: Sent, stream: IncomingStream, at: number, cancelled: boolean): void {
    if (stream.state.at === "open") return;
    this.#reading.delete(stream);
    if (stream.state.at === "failed") sent.reader = cancelled ? "cancelled" : stream.state.error;
    else if (at === sent.size) sent.reader = "ended";
    else this.#fail(`stream ${sent.name} ended after ${at} of ${sent.size} bytes`);
  }
}
