import type { ClockSource } from "camp-runtime";
import type { Engine, Identified, Running } from "./dialect.js";
import { probe } from "./probe.js";

/** The running sessions of a server by their ids. */
export class Registry<Session extends Identified> {
  readonly #deadlines: ClockSource;
  readonly #running = new Map<Session["id"], Running<Session>>();
  readonly #sessions = new Map<Session["id"], Session>();
  /** The probes under way; at most one per session, so that asking for its id again and again costs it nothing. */
  readonly #probes = new Map<Session["id"], () => void>();

  constructor(deadlines: ClockSource) {
    this.#deadlines = deadlines;
  }

  get sessions(): ReadonlyMap<Session["id"], Session> {
    return this.#sessions;
  }

  get size(): number {
    return this.#sessions.size;
  }

  running(): Iterable<Running<Session>> {
    return this.#running.values();
  }

  *engines(): Iterable<Engine> {
    for (const { engine } of this.#running.values()) yield engine;
  }

  has(id: Session["id"]): boolean {
    return this.#sessions.has(id);
  }

  /** The session of this id, if it has lost its connection and waits for its client. */
  waiting(id: Session["id"]): Running<Session> | null {
    const running = this.#running.get(id);
    return running?.claimable && running.engine.state === "disconnected" ? running : null;
  }

  add(running: Running<Session>): void {
    const { session } = running;
    this.#running.set(session.id, running);
    this.#sessions.set(session.id, session);
  }

  remove(id: Session["id"]): void {
    this.#running.delete(id);
    this.#sessions.delete(id);
    this.#probes.get(id)?.();
    this.#probes.delete(id);
  }

  /** Finds out whether the holder of an id that somebody else asks for still lives, and ends it if not (rules 2). */
  probe(id: Session["id"]): void {
    const running = this.#running.get(id);
    if (running === undefined || this.#probes.has(id)) return;
    const stop = probe(running.engine, this.#deadlines, () => this.#probes.delete(id));
    this.#probes.set(id, stop);
  }
}
