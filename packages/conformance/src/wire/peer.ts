import assert from "node:assert/strict";
import type { WebSocket } from "ws";
import { describeFrame, type Frame, type FrameName, Frames, read } from "./frames.js";

/** For how long a test waits for anything before it says what is missing. */
export const patienceMs = 10_000;

export interface Closure {
  readonly code: number;
  readonly reason: string;
}

export interface PeerHabits {
  /** Bits of the ENDPOINT_INFO: 1 is transactions, bit 32 stream control. Default 1, a plain CAMP v1 peer. */
  readonly features?: bigint;
  /** Acknowledges each frame on arrival. Default true; false: only ENDPOINT_INFO, the rest is up to the test. */
  readonly acknowledges?: boolean | "nothing";
  /** Answers PING with PONG. Default true. */
  readonly answersPings?: boolean;
  /** Sends its ENDPOINT_INFO when `introduce` is called. Default: as soon as the connection is there. */
  readonly introducesItself?: boolean;
  /** Runs on every frame, after the habits above. */
  readonly onFrame?: (frame: Frame, peer: Peer) => void;
}

interface Waiting {
  readonly matches: (frame: Frame) => boolean;
  readonly what: string;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The other end of a session, written from the wire description alone, on a bare WebSocket. It keeps what it received
 * until a test asks for it, and checks on every frame what holds for all: the session id, ack numbers that run 0, 1, 2, …
 * without gaps, at most one ACK for a number and none for one that was never used, nothing after BYE.
 */
export class Peer {
  readonly make: Frames;
  readonly socket: WebSocket;
  /** Everything that came, in order. */
  readonly log: Frame[] = [];
  /** What is wrong with what came. */
  readonly faults: string[] = [];
  readonly closed: Promise<Closure>;
  readonly #habits: PeerHabits;
  readonly #inbox: Frame[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #unacked = new Set<number>();
  #nextAck = 0;
  #expectedAck = 0;
  #closure: Closure | null = null;
  #saidBye = false;

  constructor(socket: WebSocket, sid: bigint, habits: PeerHabits = {}) {
    this.socket = socket;
    this.make = new Frames(sid);
    this.#habits = habits;
    socket.on("message", (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        this.#closure = { code, reason: reason.toString() };
        for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#missing(waiting.what));
        resolve(this.#closure);
      });
    });
    const begin = (): void => {
      if (habits.introducesItself !== false) this.introduce();
    };
    if (socket.readyState === socket.OPEN) begin();
    else socket.once("open", begin);
  }

  introduce(): number {
    return this.tracked((ack) => this.make.info(ack, this.#habits.features ?? 1n));
  }

  /** Sends a frame as it is. */
  send(frame: Buffer | string): void {
    this.socket.send(frame);
  }

  /** Sends an ack-tracked frame under the next number and returns that. */
  tracked(frame: (ack: number) => Buffer): number {
    const ack = this.#nextAck++;
    this.#unacked.add(ack);
    this.send(frame(ack));
    return ack;
  }

  utf8(text: string | Buffer): number {
    return this.tracked((ack) => this.make.utf8(ack, text));
  }

  binary(bytes: Buffer): number {
    return this.tracked((ack) => this.make.binary(ack, bytes));
  }

  start(txId: number, size: bigint, behaviour: number, name: string | Buffer): number {
    return this.tracked((ack) => this.make.start(ack, txId, size, behaviour, name));
  }

  chunk(txId: number, offset: bigint | number, bytes: Buffer): void {
    this.send(this.make.chunk(txId, BigInt(offset), bytes));
  }

  finish(txId: number): number {
    return this.tracked((ack) => this.make.finish(ack, txId));
  }

  fetch(txId: number, start: bigint | number, end: bigint | number): number {
    return this.tracked((ack) => this.make.fetch(ack, txId, BigInt(start), BigInt(end)));
  }

  cancel(txId: number): number {
    return this.tracked((ack) => this.make.cancel(ack, txId));
  }

  bye(reason: string | Buffer = ""): number {
    return this.tracked((ack) => this.make.bye(ack, reason));
  }

  acknowledge(frame: Frame): void {
    assert.notEqual(frame.ack, undefined, `${frame.name} is not ack-tracked`);
    this.send(this.make.ack(frame.ack!));
  }

  /** The next frame of this kind that no test has taken yet. */
  take(name: FrameName, matches: (frame: Frame) => boolean = () => true, what: string = name): Promise<Frame> {
    const wanted = (frame: Frame): boolean => frame.name === name && matches(frame);
    const index = this.#inbox.findIndex(wanted);
    if (index >= 0) return Promise.resolve(this.#inbox.splice(index, 1)[0]!);
    if (this.#closure !== null) return Promise.reject(this.#missing(what));
    const { promise, resolve, reject } = deferred<Frame>();
    const waiting: Waiting = { matches: wanted, what, resolve, reject };
    this.#waiting.push(waiting);
    return within(promise, () => {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      return this.#missing(what);
    });
  }

  takeAck(number: number): Promise<Frame> {
    return this.take("ack", (frame) => frame.ack === number, `ACK ${number}`);
  }

  /** Waits until all that was sent before has been handled: frames are handled in order, and a PING is answered. */
  async settled(): Promise<void> {
    this.send(this.make.ping());
    await this.take("pingPong", (frame) => frame.text === "pong", "PONG");
  }

  /** Both ends know each other: their ENDPOINT_INFO is here, ours is acknowledged. */
  async connected(): Promise<Frame> {
    const info = await this.take("info");
    await this.takeAck(0);
    return info;
  }

  /** Frames of this kind so far, taken or not. */
  count(name: FrameName): number {
    return this.log.reduce((sum, frame) => sum + (frame.name === name ? 1 : 0), 0);
  }

  /** Fails if anything that came broke the description. */
  check(): void {
    assert.deepEqual(this.faults, []);
  }

  async ended(): Promise<Closure> {
    return within(this.closed, () => new Error(`the connection does not end; ${this.#story()}`));
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (!isBinary) {
      this.faults.push("a text message");
      return;
    }
    let frame: Frame;
    try {
      frame = read(data);
    } catch (error) {
      this.faults.push(`malformed frame ${data.subarray(0, 40).toString("hex")}: ${String(error)}`);
      return;
    }
    this.#audit(frame);
    this.log.push(frame);
    this.#follow(frame);
    const index = this.#waiting.findIndex((waiting) => waiting.matches(frame));
    if (index >= 0) this.#waiting.splice(index, 1)[0]!.resolve(frame);
    else this.#inbox.push(frame);
  }

  #audit(frame: Frame): void {
    const fault = (what: string): void => void this.faults.push(`${what}: ${describeFrame(frame)}`);
    if (frame.sid !== this.make.sid) fault(`a frame of session ${frame.sid}`);
    if (this.log.length === 0 && frame.name !== "info") fault("not ENDPOINT_INFO first");
    if (this.#saidBye && frame.name !== "ack") fault("a frame after BYE");
    if (frame.name === "ack") {
      if (!this.#unacked.delete(frame.ack!)) fault("an ACK that is not due");
    } else if (frame.ack !== undefined && frame.ack !== this.#expectedAck++) {
      fault(`number ${this.#expectedAck - 1} expected`);
    }
    if (frame.name === "bye") this.#saidBye = true;
  }

  #follow(frame: Frame): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    const { acknowledges = true } = this.#habits;
    if (frame.ack !== undefined && frame.name !== "ack") {
      if (acknowledges === true || (acknowledges === false && frame.name === "info")) this.acknowledge(frame);
    }
    if (this.#habits.answersPings !== false && frame.name === "pingPong" && frame.text === "ping") {
      this.send(this.make.pong());
    }
    this.#habits.onFrame?.(frame, this);
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

export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

export function deferred<Value>(): Deferred<Value> {
  let settle!: Omit<Deferred<Value>, "promise">;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}

/** The promise, unless it takes longer than anybody should wait. */
export async function within<Value>(promise: Promise<Value>, late: () => Error): Promise<Value> {
  const { promise: tooLate, reject } = deferred<never>();
  const timer = setTimeout(() => reject(late()), patienceMs);
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
