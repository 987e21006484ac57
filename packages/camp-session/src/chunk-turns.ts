import { messageRunBytes, streamBytesPerTurn, streamLowMark } from "./limits.js";
import type { OutFrame } from "./out-frame.js";
import type { FrameSource } from "./outbox-events.js";
import type { Timers } from "./timers.js";

/** Told when more chunks may be sent. */
export interface ChunkTurnsOwner {
  pump(): void;
}

/**
 * The streams that may have chunks to send, each in its turn (rules 8): into a nearly empty socket only, and so many bytes a
 * turn of the event loop. After a long run of messages each may send one chunk all the same.
 */
export class ChunkTurns {
  readonly #timers: Timers;
  readonly #owner: ChunkTurnsOwner;
  #streams: FrameSource[] = [];
  #messageRun = 0;
  /** Chunks that the streams may send although messages wait or the socket is above the low mark. */
  #owedChunks = 0;
  #turnBytes = 0;
  #turnAsked = false;

  constructor(timers: Timers, owner: ChunkTurnsOwner) {
    this.#timers = timers;
    this.#owner = owner;
  }

  /** Whether chunks go before messages now. */
  get owed(): boolean {
    return this.#owedChunks > 0;
  }

  /** A fresh connection. */
  begin(): void {
    this.#messageRun = 0;
    this.#turnBytes = 0;
  }

  add(stream: FrameSource): void {
    if (!this.#streams.includes(stream)) this.#streams.push(stream);
  }

  remove(stream: FrameSource): void {
    const index = this.#streams.indexOf(stream);
    if (index >= 0) this.#streams.splice(index, 1);
  }

  clear(): void {
    this.#streams = [];
  }

  messageSent(bytes: number): void {
    this.#messageRun += bytes;
    if (this.#messageRun < messageRunBytes || this.#streams.length === 0) return;
    this.#messageRun = 0;
    this.#owedChunks = this.#streams.length;
  }

  /** The next frame of a stream, or null when none has one or may send it; then nothing is owed any more. */
  next(bufferedBytes: number): OutFrame | null {
    const frame = this.#hasRoom(bufferedBytes) ? this.#take() : null;
    if (frame === null) this.#owedChunks = 0;
    return frame;
  }

  #take(): OutFrame | null {
    for (let stream = this.#streams.shift(); stream !== undefined; stream = this.#streams.shift()) {
      const frame = stream.nextFrame();
      if (frame === null) {
        this.#owedChunks = Math.min(this.#owedChunks, this.#streams.length);
        continue;
      }
      this.#streams.push(stream);
      this.#messageRun = 0;
      if (this.#owedChunks > 0) this.#owedChunks--;
      this.#turnBytes += frame.byteLength;
      return frame;
    }
    return null;
  }

  #hasRoom(bufferedBytes: number): boolean {
    if (this.#streams.length === 0) return false;
    if (this.#turnBytes >= streamBytesPerTurn) {
      this.#askForTurn();
      return false;
    }
    return this.#owedChunks > 0 || bufferedBytes < streamLowMark;
  }

  /** The next turn of the event loop comes with new bytes to spend. */
  #askForTurn(): void {
    if (this.#turnAsked) return;
    this.#turnAsked = true;
    this.#timers.after(0, () => {
      this.#turnAsked = false;
      this.#turnBytes = 0;
      this.#owner.pump();
    });
  }
}
