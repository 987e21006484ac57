import assert from "node:assert/strict";
import type { WebSocket } from "ws";
import { type Frame, Frames, read } from "./frames.js";
import { RawPeer } from "./raw-peer.js";

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

/**
 * The other end of a session, written from the wire description alone, on a bare WebSocket. It keeps what it received
 * until a test asks for it, and checks on every frame what holds for all: the session id, ack numbers that run 0, 1, 2, …
 * without gaps, at most one ACK for a number and none for one that was never used, nothing after BYE.
 */
export class Peer extends RawPeer<Frame> {
  readonly make: Frames;
  readonly #habits: PeerHabits;
  readonly #unacked = new Set<number>();
  #nextAck = 0;
  #expectedAck = 0;
  #saidBye = false;

  constructor(socket: WebSocket, sid: bigint, habits: PeerHabits = {}) {
    super(socket);
    this.make = new Frames(sid);
    this.#habits = habits;
    this.whenOpen(() => {
      if (habits.introducesItself !== false) this.introduce();
    });
  }

  introduce(): number {
    return this.tracked((ack) => this.make.info(ack, this.#habits.features ?? 1n));
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

  protected read(message: Buffer): Frame {
    return read(message);
  }

  protected audit(frame: Frame): void {
    const fault = (what: string): void => this.fault(what, frame);
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

  protected follow(frame: Frame): void {
    const { acknowledges = true } = this.#habits;
    if (frame.ack !== undefined && frame.name !== "ack") {
      if (acknowledges === true || (acknowledges === false && frame.name === "info")) this.acknowledge(frame);
    }
    if (this.#habits.answersPings !== false && frame.name === "pingPong" && frame.text === "ping") {
      this.send(this.make.pong());
    }
    this.#habits.onFrame?.(frame, this);
  }
}
