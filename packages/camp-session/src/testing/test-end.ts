import type { SimulatedEnd, VirtualTime } from "mock-websocket/network";
import type { BufferBudget } from "../budget.js";
import { CampSession } from "../camp-session.js";
import { type Hooks, noHooks, type Payload } from "../hooks.js";
import { defaultSettings, type SessionSettings } from "../limits.js";
import type { ResumeConfig } from "../resumption.js";
import { JumpingClock } from "./jumping-clock.js";
import { SessionLog } from "./session-log.js";

export interface TestEndOptions {
  readonly id?: bigint;
  readonly role?: "client" | "server";
  readonly settings?: Partial<SessionSettings>;
  readonly hooks?: Hooks;
  readonly reconnects?: boolean;
  readonly budget?: BufferBudget;
  readonly resume?: ResumeConfig;
}

/** As a server does it, whose large messages lie apart from their header. */
function keptApart(payload: Payload): Uint8Array | null {
  if (payload.length < 1000) return null;
  return typeof payload === "string" ? new TextEncoder().encode(payload) : payload.slice();
}

/** A session together with all that it told its owner. */
export class TestEnd extends SessionLog {
  readonly session: CampSession;
  readonly clock: JumpingClock;

  constructor(time: VirtualTime, options: TestEndOptions = {}) {
    super();
    this.clock = new JumpingClock(time, () => this.session.tick());
    this.session = new CampSession({
      id: options.id ?? 7n,
      role: options.role ?? "client",
      settings: { ...defaultSettings, ...options.settings },
      clock: this.clock,
      events: this,
      hooks: options.hooks ?? noHooks,
      reconnects: options.reconnects ?? false,
      phase: 0,
      keepPayload: options.role === "server" ? keptApart : undefined,
      ...(options.budget === undefined ? {} : { budget: options.budget }),
      ...(options.resume === undefined ? {} : { resume: options.resume }),
    });
  }

  /** Attaches the session to one end of a simulated connection. */
  attach(end: SimulatedEnd): this {
    this.session.attach(end);
    end.drive(this.session);
    return this;
  }
}
