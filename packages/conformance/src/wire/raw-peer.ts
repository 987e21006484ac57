import assert from "node:assert/strict";
import type { WebSocket } from "ws";
import { deferred, within } from "./patience.js";

/** What the frames of every dialect have in common. */
export interface RawFrame {
  readonly name: string;
  readonly ack?: number;
  readonly text?: string;
  readonly bytes?: Buffer;
}

export interface Closure {
  readonly code: number;
  readonly reason: string;
}

interface Waiting<Frame> {
  readonly what: string;
  matches(frame: Frame): boolean;
  resolve(frame: Frame): void;
  reject(error: Error): void;
}

/**
 * The other end of a session of ours, on a bare WebSocket. It keeps what it received until a test asks for it, and what is
 * wrong with that. A dialect says how its frames are read, what must hold for each, and how it answers.
 */
export abstract class RawPeer<Frame extends RawFrame> {
  readonly socket: WebSocket;
  /** Everything that came, in order. */
  readonly log: Frame[] = [];
  /** What is wrong with what came. */
  readonly faults: string[] = [];
  readonly closed: Promise<Closure>;
  readonly #inbox: Frame[] = [];
  readonly #waiting: Waiting<Frame>[] = [];
  #closure: Closure | null = null;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        this.#closure = { code, reason: reason.toString() };
        for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#missing(waiting.what));
        resolve(this.#closure);
      });
    });
  }

  /** Reads a message and throws if there is no such frame. */
  protected abstract read(message: Buffer): Frame;
  /** Looks for faults in a frame. */
  protected abstract audit(frame: Frame): void;
  /** Answers a frame. Only while the connection is open. */
  protected abstract follow(frame: Frame): void;
  /** Sends an ack-tracked text and returns its number. */
  abstract utf8(text: string | Buffer): number;

  /** Sends a message as it is. */
  send(message: Buffer | string): void {
    this.socket.send(message);
  }

  /** Runs once the connection is open. */
  protected whenOpen(begin: () => void): void {
    if (this.socket.readyState === this.socket.OPEN) begin();
    else this.socket.once("open", begin);
  }

  /** The next frame of this kind that no test has taken yet. */
  take(name: Frame["name"], matches: (frame: Frame) => boolean = () => true, what: string = name): Promise<Frame> {
    const wanted = (frame: Frame): boolean => frame.name === name && matches(frame);
    const index = this.#inbox.findIndex(wanted);
    if (index >= 0) return Promise.resolve(this.#inbox.splice(index, 1)[0]!);
    if (this.#closure !== null) return Promise.reject(this.#missing(what));
    const { promise, resolve, reject } = deferred<Frame>();
    const waiting: Waiting<Frame> = { matches: wanted, what, resolve, reject };
    this.#waiting.push(waiting);
    return within(promise, () => {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      return this.#missing(what);
    });
  }

  takeAck(number: number): Promise<Frame> {
    return this.take("ack", (frame) => frame.ack === number, `ACK ${number}`);
  }

  /** Frames of this kind so far, taken or not. */
  count(name: Frame["name"]): number {
    return this.log.reduce((sum, frame) => sum + (frame.name === name ? 1 : 0), 0);
  }

  /** Fails if anything that came broke the description. */
  check(): void {
    assert.deepEqual(this.faults, []);
  }

  async ended(): Promise<Closure> {
    return within(this.closed, () => new Error(`the connection does not end; ${this.#story()}`));
  }

  protected fault(what: string, frame: Frame): void {
    this.faults.push(`${what}: ${describeFrame(frame)}`);
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (!isBinary) {
      this.faults.push("a text message");
      return;
    }
    let frame: Frame;
    try {
      frame = this.read(data);
    } catch (error) {
      this.faults.push(`malformed frame ${data.subarray(0, 40).toString("hex")}: ${String(error)}`);
      return;
    }
    this.audit(frame);
    this.log.push(frame);
    if (this.socket.readyState === this.socket.OPEN) this.follow(frame);
    const index = this.#waiting.findIndex((waiting) => waiting.matches(frame));
    if (index >= 0) this.#waiting.splice(index, 1)[0]!.resolve(frame);
    else this.#inbox.push(frame);
  }

  #missing(what: string): Error {
    return new Error(`no ${what} came; ${this.#story()}`);
  }

  #story(): string {
    const end = this.#closure === null ? "still open" : `closed with ${this.#closure.code} "${this.#closure.reason}"`;
    const last = this.log.slice(-12).map(describeFrame).join("; ");
    return `${end}, faults: ${this.faults.join(", ") || "none"}, the last of ${this.log.length} frames: ${last}`;
  }
}

/** One line about a frame, for the messages of failing tests. */
export function describeFrame(frame: RawFrame): string {
  return Object.entries(frame)
    .filter(([field, value]) => field !== "sid" && value !== undefined)
    .map(([field, value]) => {
      if (Buffer.isBuffer(value)) return `${field}=${value.length}B`;
      return field === "name" ? String(value) : `${field}=${String(value).slice(0, 60)}`;
    })
    .join(" ");
}
