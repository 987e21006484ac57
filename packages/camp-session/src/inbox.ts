import { HookError } from "./errors.js";
import { Fifo } from "./fifo.js";
import { type HookWorld, runHooks } from "./hook-chain.js";
import type { Hook, Hooks, MessageKind, Payload } from "./hooks.js";
import { inboxBytesMax, inboxFramesMax } from "./limits.js";

/** A message that arrived, or the peer's farewell, which takes its place in the order of the messages. */
export interface Arrival {
  readonly kind: MessageKind | "bye";
  readonly payload: Payload;
  /** The peer's ack number. */
  readonly number: number;
  /** The connection it came on: an old one is not acknowledged any more. */
  readonly connection: number;
  /** It came in the clear on a session that asked for encryption. */
  readonly plaintext: true | undefined;
}

interface Waiting {
  readonly arrival: Arrival;
  readonly chain: readonly Hook[];
}

/** What the inbox does with its messages. */
export interface InboxWorld extends HookWorld {
  readonly hooks: Hooks;
  acknowledge(arrival: Arrival): void;
  deliver(arrival: Arrival, payload: Payload): void;
  /** Too much waits for slow hooks (true), or no longer (false). */
  full(isFull: boolean): void;
}

const noChain: readonly Hook[] = [];

/**
 * The way in: hooks, ACK, event, one message after another in the order of arrival. Without hooks and with nothing waiting all
 * of it happens at once (rules 11).
 */
export class Inbox {
  readonly #world: InboxWorld;
  /** Made for the first message that has to wait. */
  #waiting: Fifo<Waiting> | null = null;
  #bytes = 0;
  #working = false;
  #full = false;
  #whenIdle: (() => void) | null = null;

  constructor(world: InboxWorld) {
    this.#world = world;
  }

  push(arrival: Arrival): void {
    const chain = arrival.kind === "bye" ? noChain : this.#world.hooks.receiving(arrival.kind);
    if (!this.#working && chain.length === 0) {
      this.#world.acknowledge(arrival);
      this.#world.deliver(arrival, arrival.payload);
      return;
    }
    this.#waiting ??= new Fifo();
    this.#waiting.push({ arrival, chain });
    this.#bytes += arrival.payload.length;
    this.#checkFull();
    if (!this.#working) void this.#work(this.#waiting);
  }

  /** Calls back once everything that waits was delivered, at once when nothing does. */
  whenIdle(run: () => void): void {
    if (this.#working) this.#whenIdle = run;
    else run();
  }

  async #work(waiting: Fifo<Waiting>): Promise<void> {
    this.#working = true;
    for (let next = waiting.first; next !== undefined; next = waiting.first) {
      const { arrival, chain } = next;
      const payload = chain.length === 0 ? arrival.payload : await this.#runHooks(chain, arrival.payload);
      waiting.shift();
      this.#bytes -= arrival.payload.length;
      this.#checkFull();
      this.#world.acknowledge(arrival);
      if (payload !== null) this.#world.deliver(arrival, payload);
    }
    this.#working = false;
    const whenIdle = this.#whenIdle;
    this.#whenIdle = null;
    whenIdle?.();
  }

  /** A value of another type cannot be handed to listeners: the message goes on as it came. */
  async #runHooks(chain: readonly Hook[], payload: Payload): Promise<Payload | null> {
    try {
      return await runHooks(chain, payload, this.#world);
    } catch (error) {
      if (!(error instanceof HookError)) throw error;
      return payload;
    }
  }

  #checkFull(): void {
    const share = this.#full ? 2 : 1;
    const full = (this.#waiting?.length ?? 0) * share > inboxFramesMax || this.#bytes * share > inboxBytesMax;
    // That it is full is told for each message: a fresh connection does not know it yet.
    if (!full && !this.#full) return;
    this.#full = full;
    this.#world.full(full);
  }
}
