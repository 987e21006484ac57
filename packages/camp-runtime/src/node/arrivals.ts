import type { Socket } from "node:net";
import { Fifo } from "camp-session";
import type { WebSocket } from "ws";

/** What the messages are for. */
export interface ArrivalsOwner {
  arrived(message: Buffer, isBinary: boolean): void;
}

interface Arrival {
  readonly message: Buffer;
  readonly isBinary: boolean;
}

/**
 * The messages of one connection on their way to its session. ws hands out at once all that a read of the socket brought, and of
 * the smallest messages that is thousands; and of what a fast peer sends Node reads 2 MiB in a row. Here only so much is handled in
 * one turn of the event loop; the rest waits for the next turns and nothing more is read meanwhile, so that a peer that floods a
 * server, or sends it a file, does not hold up the others.
 * While the session does not read, nothing is delivered either.
 */
export class Arrivals {
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #owner: ArrivalsOwner;
  /** Made for the first message that has to wait. */
  #waiting: Fifo<Arrival> | null = null;
  #held = true;
  #scheduled = false;
  /** Messages since the socket was last asked how much it had read, and what it said. */
  #counted = 0;
  #bytesRead = 0;
  /** Bytes of messages since the others last had their turn. */
  #turnBytes = 0;

  /** Holds from the beginning, until `release`. */
  constructor(ws: WebSocket, socket: Socket, owner: ArrivalsOwner) {
    this.#ws = ws;
    this.#socket = socket;
    this.#owner = owner;
    ws.pause();
  }

  hold(): void {
    this.#held = true;
    this.#ws.pause();
  }

  release(): void {
    this.#held = false;
    if (this.#empty) this.#ws.resume();
    else this.#schedule();
  }

  /** Delivers what waits, whoever holds: there is nothing to be read any more. */
  flush(): void {
    for (let next = this.#waiting?.shift(); next !== undefined; next = this.#waiting?.shift()) {
      this.#owner.arrived(next.message, next.isBinary);
    }
  }

  /** ws has read a message. */
  add(message: Buffer, isBinary: boolean): void {
    if (this.#held || !this.#empty) {
      this.#keep(message, isBinary);
      return;
    }
    if (this.#isTooMuch()) this.#keep(message, isBinary);
    else {
      this.#owner.arrived(message, isBinary);
      if (!this.#isEnough(message.byteLength)) return;
    }
    this.#ws.pause();
    this.#schedule();
  }

  #keep(message: Buffer, isBinary: boolean): void {
    this.#waiting ??= new Fifo();
    this.#waiting.push({ message, isBinary });
  }

  get #empty(): boolean {
    return this.#waiting === null || this.#waiting.length === 0;
  }

  /** Whether so much has come that it is the others' turn. */
  #isEnough(bytes: number): boolean {
    this.#turnBytes += bytes;
    if (this.#turnBytes < bytesPerTurn) return false;
    this.#turnBytes = 0;
    return true;
  }

  /** Whether one read of the socket brought more than a turn may take. Asking the socket costs something, so that is done rarely. */
  #isTooMuch(): boolean {
    if (++this.#counted < messagesPerTurn) return false;
    this.#counted = 0;
    const before = this.#bytesRead;
    this.#bytesRead = this.#socket.bytesRead;
    return this.#bytesRead === before;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(Arrivals.#nextTurn, this);
  }

  static #nextTurn(arrivals: Arrivals): void {
    arrivals.#goOn();
  }

  #goOn(): void {
    this.#scheduled = false;
    for (let count = 0; count < messagesPerTurn && !this.#held; count++) {
      const next = this.#waiting?.shift();
      if (next === undefined) break;
      this.#owner.arrived(next.message, next.isBinary);
    }
    if (!this.#held) this.release();
  }
}

/** Enough that a turn is worth its cost, and few enough that a hundred such peers are a matter of milliseconds. */
const messagesPerTurn = 128;
const bytesPerTurn = 512 * 1024;
