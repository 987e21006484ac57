import type { Envelope } from "../protocol/index.js";
import type { Answer } from "./link.js";
import { ordered } from "./records.js";
import type { Change, ClientStore } from "./store.js";
import type { ClientClock } from "./world.js";

/** An envelope that the server has not accepted yet. A resend is the same bytes. */
export interface OutboxRecord {
  readonly envelope: Envelope;
  /** The message in the history that it carries, if any. */
  readonly messageKey: string | null;
}

export interface OutboxEvents {
  ask(envelope: Envelope): Promise<Answer>;
  /** Stores the end of a record together with what it means. `problem` is null once it was accepted. */
  settled(record: OutboxRecord, problem: string | null, end: Change): Promise<void>;
  /** It stays here for this reason, and is tried again. */
  delayed(record: OutboxRecord, problem: string): Promise<void>;
  /** Nothing waits any more. */
  drained(): void;
}

/** Below what the server grants (20 a second, 60 at once), so that a long queue is not refused halfway. */
const inFlightMax = 16;
/** The server grants 20 a second. */
const rateLimitedMs = 220;
const retryMs = 5000;
const transient: ReadonlySet<string> = new Set(["mailbox-full", "rate-limited", "unavailable"]);

/** Envelopes on their way to the server, in order for each recipient, kept until it has accepted them. */
export class Outbox {
  readonly #store: ClientStore;
  readonly #clock: ClientClock;
  readonly #events: OutboxEvents;
  readonly #queues = new Map<string, { readonly key: string; readonly record: OutboxRecord }[]>();
  readonly #busy = new Set<string>();
  #next = 0;
  #online = false;
  /** Recipients whose next attempt waits for its time, and how to end that. */
  readonly #resting = new Map<string, () => void>();

  constructor(store: ClientStore, clock: ClientClock, events: OutboxEvents) {
    this.#store = store;
    this.#clock = clock;
    this.#events = events;
  }

  async load(): Promise<void> {
    for (const { key, data } of await this.#store.list("outbox")) {
      this.#enqueue(key, data as unknown as OutboxRecord);
      this.#next = Number(key) + 1;
    }
  }

  /** How many wait. */
  get size(): number {
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.length, 0);
  }

  /** The change that keeps it; call `queued` once that is stored. */
  prepare(record: OutboxRecord): { readonly change: Change; queued(): void } {
    const key = ordered(this.#next++);
    return {
      change: { table: "outbox", put: { key, data: record } },
      queued: () => {
        this.#enqueue(key, record);
        void this.#run(record.envelope.to);
      },
    };
  }

  /** The changes that give up an answer to an invitation; call `withdrawn` once they are stored. One that is under way may arrive. */
  withdrawAccept(to: string): { readonly changes: readonly Change[]; withdrawn(): void } {
    const queue = this.#queues.get(to) ?? [];
    const given = queue.filter(({ record }) => record.envelope.type === "accept");
    return {
      changes: given.map(({ key }) => ({ table: "outbox", remove: key })),
      withdrawn() {
        for (const each of given) remove(queue, each);
      },
    };
  }

  online(online: boolean): void {
    this.#online = online;
    for (const stop of this.#resting.values()) stop();
    this.#resting.clear();
    this.#runAll();
  }

  #enqueue(key: string, record: OutboxRecord): void {
    const queue = this.#queues.get(record.envelope.to) ?? [];
    queue.push({ key, record });
    this.#queues.set(record.envelope.to, queue);
  }

  #runAll(): void {
    for (const to of this.#queues.keys()) void this.#run(to);
  }

  /** One at a time per recipient, so that a refusal cannot turn the order round. */
  async #run(to: string): Promise<void> {
    if (!this.#online || this.#busy.has(to) || this.#resting.has(to) || this.#busy.size >= inFlightMax) return;
    this.#busy.add(to);
    // Where it fails the connection is gone, or the store is.
    const restMs = await this.#send(to).catch(() => retryMs);
    this.#busy.delete(to);
    if (restMs > 0 && this.#online) this.#rest(to, restMs);
    // However it ended, one that found no room has it now.
    this.#runAll();
  }

  /** Sends what waits for a recipient. Resolves to how long the next attempt should wait, 0 where none is needed. */
  async #send(to: string): Promise<number> {
    const queue = this.#queues.get(to)!;
    while (this.#online && queue.length > 0) {
      const first = queue[0]!;
      const { key, record } = first;
      const answer = await this.#events.ask(record.envelope);
      const problem = answer.type === "error" ? answer.code : null;
      if (problem !== null && transient.has(problem)) {
        await this.#events.delayed(record, problem);
        return problem === "rate-limited" ? rateLimitedMs : retryMs;
      }
      await this.#events.settled(record, problem, { table: "outbox", remove: key });
      // Unless it was withdrawn meanwhile.
      remove(queue, first);
    }
    if (queue.length === 0) this.#queues.delete(to);
    if (this.#queues.size === 0) this.#events.drained();
    return 0;
  }

  #rest(to: string, ms: number): void {
    const stop = this.#clock.after(ms, () => {
      this.#resting.delete(to);
      void this.#run(to);
    });
    this.#resting.set(to, stop);
  }
}

function remove<Item>(queue: Item[], item: Item): void {
  const at = queue.indexOf(item);
  if (at >= 0) queue.splice(at, 1);
}
