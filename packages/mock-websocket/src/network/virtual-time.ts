interface Task {
  readonly timeMs: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Lets everything that promises still have to do happen; a turn of the real event loop. */
export type Settle = () => Promise<void>;

/**
 * Time that passes only when it is told to. Everything that happens in a test is a task at a time; tasks of the same time run
 * in the order in which they were asked for, and promises are given time to settle after each.
 */
export class VirtualTime {
  readonly #settle: Settle;
  #tasks: Task[] = [];
  #now = 0;
  #lastEventMs = 0;
  #order = 0;
  #timers = 0;
  readonly #cancels = new Map<number, () => void>();

  constructor(settle: Settle) {
    this.#settle = settle;
  }

  now(): number {
    return this.#now;
  }

  /** When something happened last. */
  get lastEventMs(): number {
    return this.#lastEventMs;
  }

  /** Whether something is still to happen. */
  get busy(): boolean {
    return this.#tasks.some((task) => !task.cancelled);
  }

  /** Runs `run` after `delayMs`; returns how to call it off. */
  after(delayMs: number, run: () => void): () => void {
    const task: Task = { timeMs: this.#now + Math.max(0, delayMs), order: this.#order++, run, cancelled: false };
    let index = this.#tasks.length;
    while (index > 0 && this.#tasks[index - 1]!.timeMs > task.timeMs) index--;
    this.#tasks.splice(index, 0, task);
    return () => {
      task.cancelled = true;
    };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** As the global function, so that this may take its place: runs `run` after `delayMs`, and returns what calls it off. */
  setTimeout(run: () => void, delayMs = 0): number {
    const id = ++this.#timers;
    const cancel = this.after(delayMs, () => {
      this.#cancels.delete(id);
      run();
    });
    this.#cancels.set(id, cancel);
    return id;
  }

  clearTimeout(id: number | undefined): void {
    if (id === undefined) return;
    this.#cancels.get(id)?.();
    this.#cancels.delete(id);
  }

  /** A clock for one session: `wakeAt` asks for one `tick` and replaces the one asked for before. */
  clock(tick: () => void): { now(): number; wakeAt(timeMs: number): void } {
    let cancel = (): void => {};
    return {
      now: () => this.#now,
      wakeAt: (timeMs) => {
        cancel();
        cancel = timeMs === Number.POSITIVE_INFINITY ? () => {} : this.after(timeMs - this.#now, tick);
      },
    };
  }

  /** Lets time pass until `untilMs`, or until nothing is left to happen. */
  async run(untilMs = Number.POSITIVE_INFINITY): Promise<void> {
    await this.#settle();
    for (let task = this.#tasks[0]; task !== undefined && task.timeMs <= untilMs; task = this.#tasks[0]) {
      this.#tasks.shift();
      if (task.cancelled) continue;
      this.#now = task.timeMs;
      this.#lastEventMs = task.timeMs;
      task.run();
      await this.#settle();
    }
    if (untilMs !== Number.POSITIVE_INFINITY) this.#now = Math.max(this.#now, untilMs);
  }

  /** Lets `ms` pass. */
  advance(ms: number): Promise<void> {
    return this.run(this.#now + ms);
  }
}
