import { EventEmitter } from "node:events";
import type { ClientSession } from "../client/index.js";
import type { RelaySession } from "../server/world.js";

/** What the server in the middle does with what it holds. `down` is to the client. */
export interface Middle {
  up(wire: Wire, text: string): void;
  down(wire: Wire, text: string): void;
}

const noStreams = () => Promise.reject(new Error("no files in this simulation"));

/** One connection of a client to the honest relay, with the malicious one in between. Contains no test itself. */
export class Wire {
  readonly owner: string;
  readonly #middle: Middle;
  readonly #toClient = new EventEmitter();
  readonly #toRelay = new EventEmitter();
  /** What came before the client listened. */
  #early: string[] | null = [];
  open = true;

  constructor(owner: string, middle: Middle) {
    this.owner = owner;
    this.#middle = middle;
  }

  readonly client: ClientSession = {
    base: { SendUTF8: (text) => this.#send(() => this.#middle.up(this, text)) },
    transaction: { Stream: noStreams, WaitForStream: noStreams },
    on: (event: string, listener: (...args: never[]) => void) => {
      this.#toClient.on(event, listener as () => void);
      if (event === "closed") {
        const early = this.#early ?? [];
        this.#early = null;
        for (const text of early) this.#toClient.emit("message-utf8", text);
        if (!this.open) this.#toClient.emit("closed", 1006, "");
      }
    },
    Close: async () => this.end(1000, "done"),
  };

  readonly relay: RelaySession = {
    ...{ remoteAddress: "127.0.0.1", info: { headers: {} }, writable: true },
    base: { SendUTF8: (text) => this.#send(() => this.#middle.down(this, text)) },
    transaction: { Stream: noStreams, WaitForStream: noStreams },
    drained: async () => {},
    on: (event: string, listener: (...args: never[]) => void) => this.#toRelay.on(event, listener as () => void),
    Close: async (reason, { code }) => this.end(code, reason),
  };

  connected(): void {
    this.#toRelay.emit("connected");
  }

  /** Arrives at the client. */
  deliverDown(text: string): void {
    if (!this.open) return;
    if (this.#early === null) this.#toClient.emit("message-utf8", text);
    else this.#early.push(text);
  }

  deliverUp(text: string): void {
    if (this.open) this.#toRelay.emit("message-utf8", text);
  }

  end(code: number, reason: string): void {
    if (!this.open) return;
    this.open = false;
    this.#toClient.emit("closed", code, reason);
    this.#toRelay.emit("closed");
  }

  async #send(pass: () => void): Promise<boolean> {
    if (!this.open) throw new Error("closed");
    pass();
    return true;
  }
}
