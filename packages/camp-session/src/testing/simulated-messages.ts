import type { Random } from "mock-websocket/network";
import { AckTimeoutError, DroppedError, ResumeFailedError, SessionClosedError } from "../errors.js";
import type { Payload } from "../hooks.js";
import type { TestEnd } from "./test-end.js";

type Fate = "open" | "acked" | "suppressed" | Error;

interface Sent {
  readonly keyed: boolean;
  fate: Fate;
  /** On which receivers it arrived. */
  readonly arrivals: number[];
}

/** Messages of one direction: what was sent, what became of it, and what arrived where. */
export class SimulatedMessages {
  readonly #name: string;
  readonly #random: Random;
  readonly #fail: (fault: string) => void;
  readonly #once: boolean;
  readonly #sent: Sent[] = [];

  /** `once` tells whether a message may arrive on a single receiver only, because both ends resume. */
  constructor(name: string, random: Random, fail: (fault: string) => void, once: boolean) {
    this.#once = once;
    this.#name = name;
    this.#random = random;
    this.#fail = fail;
  }

  get count(): number {
    return this.#sent.length;
  }

  send(from: TestEnd): void {
    const text = `${this.#sent.length}:${"x".repeat(this.#random.pick([0, 10, 200, 5000, 60_000]))}`;
    const keyed = this.#random.chance(0.1);
    const binary = this.#random.chance(0.3);
    const payload = binary ? new TextEncoder().encode(text) : text;
    const sent: Sent = { keyed, fate: "open", arrivals: [] };
    this.#sent.push(sent);
    const options = keyed ? { key: "k" } : {};
    from.session.send(binary ? "binary" : "utf8", payload, options).then(
      (went) => {
        sent.fate = went ? "acked" : "suppressed";
      },
      (error: Error) => {
        sent.fate = error;
      },
    );
  }

  /** Watches what arrives at one receiver: in the order of the calls, and each message once. */
  listen(to: TestEnd, receiver: number): void {
    let last = -1;
    to.onMessage = (kind, payload: Payload) => {
      if (kind === "error") return;
      const text = typeof payload === "string" ? payload : String.fromCharCode(...payload.subarray(0, 8));
      const index = Number.parseInt(text, 10);
      const sent = this.#sent[index];
      if (sent === undefined) {
        this.#fail(`${this.#name} ${index} was never sent`);
        return;
      }
      if (this.#once ? sent.arrivals.length > 0 : sent.arrivals.includes(receiver)) {
        this.#fail(`${this.#name} ${index} arrived twice`);
      }
      sent.arrivals.push(receiver);
      if (sent.keyed) return;
      if (index < last) this.#fail(`${this.#name} ${index} arrived after ${last}`);
      last = index;
    };
  }

  /** When all is over: every promise settled, and the truth was told. */
  check(): void {
    for (const [index, { fate, arrivals }] of this.#sent.entries()) {
      const message = `${this.#name} ${index}`;
      if (fate === "open") this.#fail(`${message}: its promise never settled`);
      else if (fate === "acked" && arrivals.length === 0) this.#fail(`${message} was acknowledged and never arrived`);
      else if (fate === "suppressed" && arrivals.length > 0) this.#fail(`${message} was suppressed and arrived`);
      else if (fate instanceof DroppedError && arrivals.length > 0) this.#fail(`${message} was dropped and arrived`);
      else if (fate instanceof Error && !isReason(fate))
        this.#fail(`${message} failed without a reason: ${fate.stack}`);
    }
  }
}

function isReason(error: Error): boolean {
  const reasons = [DroppedError, AckTimeoutError, SessionClosedError, ResumeFailedError];
  return reasons.some((reason) => error instanceof reason);
}
