import type { SimulatedEnd, VirtualTime } from "mock-websocket/network";
import type { CaleConfig } from "../cale-config.js";
import { CryoSession } from "../cryo-session.js";
import { type Hooks, noHooks } from "../hooks.js";
import { defaultSettings, type SessionSettings } from "../limits.js";
import { SessionLog } from "./session-log.js";

/** The id of Cryo sessions in tests. */
export const cryoSid = "01234567-89ab-4cde-8f01-23456789abcd";

export interface CryoEndOptions {
  readonly id?: string;
  readonly role?: "client" | "server";
  readonly settings?: Partial<SessionSettings>;
  readonly hooks?: Hooks;
  readonly reconnects?: boolean;
  readonly cale?: CaleConfig | null;
}

/** A Cryo session together with all that it told its owner. */
export class CryoEnd extends SessionLog {
  readonly session: CryoSession;

  constructor(time: VirtualTime, options: CryoEndOptions = {}) {
    super();
    this.session = new CryoSession({
      id: options.id ?? cryoSid,
      role: options.role ?? "client",
      settings: { ...defaultSettings, ...options.settings },
      clock: time.clock(() => this.session.tick()),
      events: this,
      hooks: options.hooks ?? noHooks,
      reconnects: options.reconnects ?? false,
      phase: 0,
      cale: options.cale ?? null,
    });
  }

  /** Attaches the session to one end of a simulated connection. */
  attach(end: SimulatedEnd): this {
    this.session.attach(end);
    end.drive(this.session);
    return this;
  }
}
