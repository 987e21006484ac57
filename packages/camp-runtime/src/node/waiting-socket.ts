import type { Socket } from "node:net";
import { Ending } from "./ending.js";
import { type Refusal, refuse } from "./refusal.js";

/**
 * A socket between its upgrade request and the answer. The HTTP server has let go of it and no WebSocket has it yet, so
 * somebody must hear its errors, and notice when the client no longer waits.
 */
export class WaitingSocket {
  readonly #socket: Socket;
  /** Ends as soon as nobody waits for an answer any more: the client left, was refused, or became a WebSocket. */
  readonly asker = new Ending();
  readonly #refused: (refusal: Refusal) => void;

  /** @param refused hears of a refusal that is sent */
  constructor(socket: Socket, refused: (refusal: Refusal) => void = ignore) {
    this.#socket = socket;
    this.#refused = refused;
    socket.on("error", ignore);
    socket.on("end", this.#gone);
    socket.on("close", this.#gone);
    // Reading nothing also starts the flow of events: a socket that is not read never learns of its end.
    socket.read(0);
    if (!socket.readable || !socket.writable) this.#gone();
  }

  /** Answers with a refusal, if anybody still waits for an answer. */
  refuse(refusal: Refusal): void {
    if (this.asker.over) return;
    this.#finish();
    this.#refused(refusal);
    refuse(this.#socket, refusal);
  }

  /** Gives the socket to somebody else, who must listen to its `error` event from this turn on. */
  release(): Socket {
    this.#finish();
    this.#socket.off("error", ignore);
    return this.#socket;
  }

  readonly #gone = (): void => {
    this.#finish();
    this.#socket.destroy();
  };

  #finish(): void {
    this.#socket.off("end", this.#gone);
    this.#socket.off("close", this.#gone);
    this.asker.end();
  }
}

/** An error, for one, is followed by `close`, which says all that matters here. */
function ignore(): void {}
