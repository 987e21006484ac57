import type { Timer, Timers } from "./timers.js";

/** What the beat looks at. */
export interface HeartbeatWorld {
  /** Bytes that came from the peer on this connection so far. */
  receivedBytes(): number;
  /** Bytes handed to the transport that have not left. */
  bufferedBytes(): number;
  /** Bytes that have left the transport on this connection. */
  flushedBytes(): number;
  /** Whether this end does not read at the moment. */
  paused(): boolean;
  probe(): void;
  /** After each beat of a living session. */
  beat(): void;
  dead(): void;
}

/**
 * Finds out whether the peer lives (rules 15). Dead is a session to which the last beat sent a ping and from which not one byte
 * came since, while nothing of our backlog to it moved, this end read all the time, and the beat itself is not late.
 */
export class Heartbeat {
  readonly #timers: Timers;
  /** One for all beats: ten thousand sessions would make one each every few seconds, and leave it to the collector. */
  readonly #timer: Timer;
  readonly #intervalMs: number;
  /** A server pings at every beat, a client only after silence. */
  readonly #always: boolean;
  readonly #world: HeartbeatWorld;
  #dueMs = 0;
  #pinged = false;
  #pausedSince = false;
  #receivedBytes = 0;
  #bufferedBytes = 0;
  #flushedBytes = 0;

  constructor(timers: Timers, intervalMs: number, always: boolean, world: HeartbeatWorld) {
    this.#timers = timers;
    this.#timer = timers.idle(() => this.#beat());
    this.#intervalMs = intervalMs;
    this.#always = always;
    this.#world = world;
  }

  /** `phase` from 0 to 1 spreads the first beats of many sessions over the interval. */
  start(phase: number): void {
    this.stop();
    this.#pinged = false;
    this.#pausedSince = false;
    this.#receivedBytes = this.#world.receivedBytes();
    this.#schedule(this.#intervalMs * (this.#always ? 1 - phase : 1));
  }

  stop(): void {
    this.#timer.cancel();
  }

  /** Reading stopped: what the peer answers may lie unread. */
  paused(): void {
    this.#pausedSince = true;
  }

  #schedule(delayMs: number): void {
    this.#dueMs = this.#timers.now() + delayMs;
    this.#timer.moveTo(this.#dueMs);
  }

  #beat(): void {
    const late = this.#timers.now() - this.#dueMs > this.#intervalMs / 2;
    const silent = this.#world.receivedBytes() === this.#receivedBytes;
    const moved = this.#bufferedBytes > 0 && this.#world.flushedBytes() > this.#flushedBytes;
    if (this.#pinged && silent && !moved && !this.#pausedSince && !late) {
      this.#world.dead();
      return;
    }
    this.#receivedBytes = this.#world.receivedBytes();
    this.#bufferedBytes = this.#world.bufferedBytes();
    this.#flushedBytes = this.#world.flushedBytes();
    this.#pausedSince = this.#world.paused();
    this.#pinged = this.#always || silent || late;
    if (this.#pinged) this.#world.probe();
    this.#schedule(this.#intervalMs);
    this.#world.beat();
  }
}
