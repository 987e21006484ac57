import { decode, type ResumeFrame } from "camp-protocol";
import { type NetworkConditions, type Random, SimulatedEnd, type VirtualTime } from "mock-websocket/network";
import { KIB } from "../limits.js";
import { ScriptedPeer } from "./scripted-peer.js";
import type { SimulatedServer } from "./simulated-server.js";
import { frames, ownFeatures } from "./stage.js";

const resumeType = 18;
/** Cuts by themselves on one life: with one at every other frame no traffic would ever get through. */
const cutsMax = 30;

/** The connections of one client, good and bad ones, and those of strangers who name its session. */
export class SimulatedWires {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #streamControl: boolean;
  readonly #pausable: boolean;
  /** How likely each frame is the one at which the connection breaks. */
  readonly #cutChance: number;
  #cuts = 0;
  #wire: SimulatedEnd | null = null;
  /** The last RESUME of the client, which somebody may have overheard. */
  #overheard: ResumeFrame | null = null;

  constructor(time: VirtualTime, random: Random, streamControl: boolean, pausable: boolean) {
    this.#time = time;
    this.#random = random;
    this.#streamControl = streamControl;
    this.#pausable = pausable;
    this.#cutChance = random.chance(0.4) ? random.pick([0.01, 0.1]) : 0;
  }

  /** A fresh connection: the client's end and the server's. */
  pair(): [SimulatedEnd, SimulatedEnd] {
    this.#overhear();
    const pair = SimulatedEnd.pair(this.#time, this.#drawNetwork());
    this.#wire = pair[0];
    return pair;
  }

  /** The network fails, and each end hears of it or does not. */
  cut(): void {
    this.#wire?.cut(this.#random.chance(0.7), this.#random.chance(0.7));
  }

  terminate(): void {
    this.#wire?.terminate();
  }

  /** Somebody connects with the id of the session: with a guess, with nothing, or with what the client said before. */
  rival(server: SimulatedServer): void {
    if (server.ends.at(-1)?.session.state !== "disconnected") return;
    this.#overhear();
    const [near, far] = SimulatedEnd.pair(this.#time, this.#drawNetwork());
    server.accept(far);
    const peer = new ScriptedPeer(near);
    const guess: ResumeFrame = { type: "resume", sid: 7n, received: 0n, secret: this.#random.bytes(32) };
    const frame = this.#random.chance(0.5) && this.#overheard !== null ? this.#overheard : guess;
    if (this.#random.chance(0.8)) peer.send(frames.info(0, ownFeatures | (1n << 33n)), frame);
    this.#time.after(this.#random.integer(0, 4000), () => near.terminate());
  }

  #overhear(): void {
    for (const bytes of this.#wire?.sent ?? []) {
      if (bytes[8] === resumeType) this.#overheard = decode(bytes) as ResumeFrame;
    }
  }

  #drawNetwork(): NetworkConditions {
    const random = this.#random;
    return {
      latencyMs: random.pick([0, 1, 20, 150]),
      bytesPerMs: random.pick([30, 1000, 100_000]),
      windowBytes: random.pick([16 * KIB, 256 * KIB]),
      pausable: this.#pausable,
      ...(this.#streamControl ? {} : { tamper: withoutStreamControl }),
      ...(this.#cutChance === 0 ? {} : { passes: () => this.#passes() }),
    };
  }

  #passes(): boolean {
    if (this.#cuts >= cutsMax || !this.#random.chance(this.#cutChance)) return true;
    this.#cuts++;
    return false;
  }
}

/** Clears bit 32 of the features in an ENDPOINT_INFO on its way: each end takes the other for a plain CAMP v1 peer. */
function withoutStreamControl(bytes: Uint8Array): Uint8Array {
  if (bytes[8] === 255) bytes[20] = bytes[20]! & 0xfe;
  return bytes;
}
