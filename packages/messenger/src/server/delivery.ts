import type { Connection } from "./connection.js";
import type { MessengerStore, Waiting } from "./store.js";

const batchMax = 64;

/** Brings what waits for one recipient to one connection: oldest first, each once. */
export class Delivery {
  readonly #connection: Connection;
  readonly #recipient: string;
  readonly #store: MessengerStore;
  readonly #failed: (error: unknown) => void;
  /** Delivered on this connection and not acknowledged: nothing else can be. */
  readonly #outstanding = new Set<string>();
  #seenSeq = 0;
  #running = false;
  #more = false;

  /** @param failed told when the store cannot be read; what waits is brought with the next wake */
  constructor(connection: Connection, recipient: string, store: MessengerStore, failed: (error: unknown) => void) {
    this.#connection = connection;
    this.#recipient = recipient;
    this.#store = store;
    this.#failed = failed;
  }

  /** There may be something new. */
  wake(): void {
    this.#more = true;
    if (!this.#running) this.#run().catch(this.#failed);
  }

  /** The recipient has one, or says so. */
  async acknowledged(sender: string, id: string): Promise<void> {
    if (this.#outstanding.delete(`${sender} ${id}`)) await this.#store.acknowledge(this.#recipient, sender, id);
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#more) {
        this.#more = false;
        for (;;) {
          const batch = await this.#store.waiting(this.#recipient, this.#seenSeq, batchMax);
          // One that is not full was the last: whatever comes later wakes again.
          if (!(await this.#hand(batch)) || batch.length < batchMax) break;
        }
      }
    } finally {
      this.#running = false;
    }
  }

  /** False once the connection is gone. */
  async #hand(batch: readonly Waiting[]): Promise<boolean> {
    const { session } = this.#connection;
    for (const { seq, envelope } of batch) {
      if (this.#connection.fingerprint === null) return false;
      if (!session.writable) await session.drained().catch(() => {});
      this.#seenSeq = seq;
      this.#outstanding.add(`${envelope.from} ${envelope.id}`);
      this.#connection.send(envelope);
    }
    return true;
  }
}
