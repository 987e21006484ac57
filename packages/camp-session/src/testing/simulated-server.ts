import type { SimulatedEnd, VirtualTime } from "mock-websocket/network";
import { ResumeClaim } from "../resume-claim.js";
import type { TestEnd } from "./test-end.js";

/** What becomes of a connection to a server. */
export type Reception = "session" | "claim" | "in use";

/** A server as far as one session id is concerned: a fresh session, a claim on one that waits for its client, or no. */
export class SimulatedServer {
  readonly ends: TestEnd[] = [];
  readonly #time: VirtualTime;
  readonly #create: () => TestEnd;

  constructor(time: VirtualTime, create: () => TestEnd) {
    this.#time = time;
    this.#create = create;
  }

  /** The newest session. */
  get end(): TestEnd {
    return this.ends.at(-1)!;
  }

  accept(far: SimulatedEnd): Reception {
    const end = this.ends.at(-1);
    if (end === undefined || end.closes > 0) {
      this.ends.push(this.#create());
      this.end.attach(far);
      return "session";
    }
    const { session } = end;
    if (session.state !== "disconnected") return "in use";
    const claim = new ResumeClaim({
      session,
      transport: far,
      clock: this.#time.clock(() => claim.tick()),
      handshakeTimeoutMs: 5000,
      resumed: () => far.drive(session),
      ended: () => undefined,
    });
    far.drive(claim);
    return "claim";
  }
}
