import type { BufferBudget } from "../budget.js";
import { CampSession } from "../camp-session.js";
import type { DropReason, SessionEvents } from "../events.js";
import { type Hooks, type MessageKind, noHooks, type Payload } from "../hooks.js";
import { defaultSettings, type SessionSettings } from "../limits.js";
import type { SimulatedEnd } from "./network.js";
import type { VirtualTime } from "./virtual-time.js";

export interface TestEndOptions {
  readonly id?: bigint;
  readonly role?: "client" | "server";
  readonly settings?: Partial<SessionSettings>;
  readonly hooks?: Hooks;
  readonly reconnects?: boolean;
  readonly budget?: BufferBudget;
}

/** A session together with all that it told its owner. */
export class TestEnd implements SessionEvents {
  readonly session: CampSession;
  readonly messages: { readonly kind: MessageKind; readonly payload: Payload }[] = [];
  /** The names of all events in order, with what matters of them. */
  readonly log: string[] = [];
  readonly errors: Error[] = [];
  closes = 0;
  onMessage: ((kind: MessageKind, payload: Payload) => void) | null = null;
  onConnected: (() => void) | null = null;
  onDisconnected: (() => void) | null = null;

  constructor(time: VirtualTime, options: TestEndOptions = {}) {
    this.session = new CampSession({
      id: options.id ?? 7n,
      role: options.role ?? "client",
      settings: { ...defaultSettings, ...options.settings },
      clock: time.clock(() => this.session.tick()),
      events: this,
      hooks: options.hooks ?? noHooks,
      reconnects: options.reconnects ?? false,
      phase: 0,
      ...(options.budget === undefined ? {} : { budget: options.budget }),
    });
  }

  /** Attaches the session to one end of a simulated connection. */
  attach(end: SimulatedEnd): this {
    this.session.attach(end);
    end.drive(this.session);
    return this;
  }

  connected(): void {
    this.log.push("connected");
    this.onConnected?.();
  }

  disconnected(code: number, reason: string): void {
    this.log.push(`disconnected ${code} ${reason}`);
    this.onDisconnected?.();
  }

  reconnected(): void {
    this.log.push("reconnected");
    this.onConnected?.();
  }

  message(kind: MessageKind, payload: Payload): void {
    this.messages.push({ kind, payload });
    this.onMessage?.(kind, payload);
  }

  beat(ackTimeouts: number): void {
    this.log.push(`beat ${ackTimeouts}`);
  }

  dropped(reason: DropReason, kind: MessageKind): void {
    this.log.push(`dropped ${reason} ${kind}`);
  }

  drain(): void {
    this.log.push("drain");
  }

  streamUnclaimed(name: string, txId: number): void {
    this.log.push(`unclaimed ${name} ${txId}`);
  }

  hookFailed(extension: string, error: Error): void {
    this.log.push(`hook failed ${extension}`);
    this.errors.push(error);
  }

  error(error: Error): void {
    this.errors.push(error);
  }

  closed(code: number, reason: string): void {
    this.closes++;
    this.log.push(`closed ${code} ${reason}`);
  }
}
