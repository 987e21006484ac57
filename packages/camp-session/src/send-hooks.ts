import { HookError } from "./errors.js";
import { asError, type HookWorld, runHooks } from "./hook-chain.js";
import type { Hook, MessageKind, Payload } from "./hooks.js";
import type { FrameParts } from "./join.js";
import { Message } from "./out-frame.js";
import type { Outbox } from "./outbox.js";

/** What hooks on the way out need besides. */
export interface SendHooksWorld extends HookWorld {
  encode(kind: MessageKind, payload: Payload): FrameParts;
  expiry(kind: MessageKind): "reject" | "unawaited";
  /** No message waits for its hooks any more. */
  hooksDone(): void;
}

/**
 * Messages that pass hooks on their way out. They wait in the outbox's queue, at the place of their call, and the hooks of one
 * end before those of the next begin, so the order of the calls is the order on the wire.
 */
export class SendHooks {
  readonly #outbox: Outbox;
  readonly #world: SendHooksWorld;
  #busy = false;

  constructor(outbox: Outbox, world: SendHooksWorld) {
    this.#outbox = outbox;
    this.#world = world;
  }

  /** Whether messages are on their way through hooks: later ones must line up behind them. */
  get busy(): boolean {
    return this.#busy;
  }

  send(kind: MessageKind, payload: Payload, chain: readonly Hook[], key: string | undefined): Promise<boolean> {
    const kept = typeof payload === "string" ? payload : new Uint8Array(payload);
    const message = Message.pending(kind, kept, chain, true, key, this.#world.expiry(kind));
    this.#outbox.message(message);
    if (!this.#busy) void this.#work();
    return message.promise;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let message = this.#outbox.firstPending; message !== null; message = this.#outbox.firstPending) {
      await this.#pass(message, message.pending!.payload, message.pending!.chain);
    }
    this.#busy = false;
    this.#world.hooksDone();
  }

  /** Afterwards the message is encoded, suppressed, failed, or was taken out of the queue meanwhile. */
  async #pass(message: Message, payload: Payload, chain: readonly Hook[]): Promise<void> {
    try {
      const value = chain.length === 0 ? payload : await runHooks(chain, payload, this.#world);
      if (message.gone) return;
      if (value !== null) this.#outbox.encoded(message, this.#world.encode(message.kind, value));
      else {
        this.#outbox.remove(message);
        message.suppress();
      }
    } catch (error) {
      if (message.gone) return;
      this.#outbox.remove(message);
      message.settle(asError(error));
      const reported = error instanceof HookError || chain.length === 0;
      if (!reported) this.#world.failed(chain.at(-1)!.extension, asError(error));
    }
  }
}
