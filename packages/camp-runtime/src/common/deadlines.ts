import type { Clock } from "camp-session";
import { delayMsMax, type TurnHost } from "./timers.js";

/** A session's clock. Dispose of it when the session has ended: it then asks for nothing and ticks no more. */
export interface DisposableClock extends Clock {
  dispose(): void;
}

const absent = -1;
const disposed = -2;

/** One session's clock, and its next deadline as a node of the heap. */
class Deadline implements DisposableClock {
  readonly #queue: Deadlines;
  readonly tick: () => void;
  timeMs = Number.POSITIVE_INFINITY;
  /** Deadlines of equal time are served in the order in which they were asked for. */
  order = 0;
  /** The place in the heap, or `absent`, or `disposed`. */
  index = absent;

  constructor(queue: Deadlines, tick: () => void) {
    this.#queue = queue;
    this.tick = tick;
  }

  now(): number {
    return this.#queue.now();
  }

  wakeAt(timeMs: number): void {
    this.#queue.wakeAt(this, timeMs);
  }

  dispose(): void {
    this.#queue.dispose(this);
  }
}

/** How long a round of ticks may hold the event loop: with many sessions due at once, sockets get their turn in between. */
const roundMs = 4;

/**
 * The deadlines of many sessions on one timer. They lie in a binary heap, the earliest on top. The timer is never set back
 * when the top moves later, which happens with every message: it then fires for nothing, once, and is set anew.
 */
export class Deadlines {
  readonly #host: TurnHost;
  readonly #heap: Deadline[] = [];
  #timer: unknown = null;
  /** When the timer fires; Infinity while there is none. */
  #timerMs = Number.POSITIVE_INFINITY;
  #deferred = false;
  #asked = 0;

  constructor(host: TurnHost) {
    this.#host = host;
  }

  /** A clock whose deadlines call `tick`, never from inside `wakeAt`. */
  clockFor(tick: () => void): DisposableClock {
    return new Deadline(this, tick);
  }

  now(): number {
    return this.#host.now();
  }

  dispose(deadline: Deadline): void {
    if (deadline.index >= 0) this.#remove(deadline);
    deadline.index = disposed;
    if (this.#heap.length === 0) this.#stopTimer();
  }

  wakeAt(deadline: Deadline, timeMs: number): void {
    if (deadline.index === disposed || (deadline.index !== absent && deadline.timeMs === timeMs)) return;
    if (timeMs === Number.POSITIVE_INFINITY) {
      if (deadline.index !== absent) this.#remove(deadline);
      return;
    }
    // A time that has passed counts as now, so that who asks again within a round comes after all who asked before it.
    const now = this.#host.now();
    deadline.timeMs = Math.max(timeMs, now);
    deadline.order = this.#asked++;
    if (deadline.index === absent) {
      deadline.index = this.#heap.length;
      this.#heap.push(deadline);
    }
    this.#siftDown(deadline, this.#siftUp(deadline, deadline.index));
    if (deadline.timeMs === now) this.#defer();
    else this.#startTimer(now);
  }

  #defer(): void {
    if (this.#deferred) return;
    this.#deferred = true;
    this.#host.defer(() => {
      this.#deferred = false;
      this.#serve();
    });
  }

  /** Makes the timer fire in time for the top of the heap. */
  #startTimer(now: number): void {
    const top = this.#heap[0];
    if (top === undefined || top.timeMs >= this.#timerMs || this.#deferred) return;
    this.#stopTimer();
    this.#timerMs = top.timeMs;
    this.#timer = this.#host.setTimeout(
      () => {
        this.#timer = null;
        this.#timerMs = Number.POSITIVE_INFINITY;
        this.#serve();
      },
      Math.min(Math.max(1, Math.ceil(top.timeMs - now)), delayMsMax),
    );
  }

  #stopTimer(): void {
    if (this.#timer !== null) this.#host.clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerMs = Number.POSITIVE_INFINITY;
  }

  /** One round: ticks all that are due as it begins, or as many as fit. A tick that throws costs the others only time. */
  #serve(): void {
    const begin = this.#host.now();
    const asked = this.#asked;
    let now = begin;
    try {
      for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
        if (top.timeMs > begin || top.order >= asked || now - begin >= roundMs) break;
        this.#remove(top);
        top.tick();
        now = this.#host.now();
      }
    } finally {
      const top = this.#heap[0];
      if (top !== undefined && top.timeMs <= now) this.#defer();
      else this.#startTimer(now);
    }
  }

  /** Takes a deadline out of the heap; the last one fills its place. */
  #remove(deadline: Deadline): void {
    const { index } = deadline;
    const last = this.#heap.pop()!;
    deadline.index = absent;
    if (last === deadline) return;
    this.#siftDown(last, this.#siftUp(last, index));
  }

  /** Puts a deadline at `index` or above, where nothing over it is later; returns the place. */
  #siftUp(deadline: Deadline, start: number): number {
    let index = start;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#heap[parentIndex]!;
      if (!isBefore(deadline, parent)) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(deadline, index);
    return index;
  }

  /** Puts a deadline at `index` or below, where nothing under it is earlier. */
  #siftDown(deadline: Deadline, start: number): void {
    let index = start;
    for (;;) {
      const left = this.#heap[2 * index + 1];
      if (left === undefined) break;
      const right = this.#heap[2 * index + 2];
      const child = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(child, deadline)) break;
      const childIndex = child.index;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(deadline, index);
  }

  #place(deadline: Deadline, index: number): void {
    this.#heap[index] = deadline;
    deadline.index = index;
  }
}

function isBefore(a: Deadline, b: Deadline): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order);
}
