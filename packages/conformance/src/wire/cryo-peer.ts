import assert from "node:assert/strict";
import type { WebSocket } from "ws";
import { counterOf, type End, ivOf, KeyPair, type Keys, openWith, sealWith } from "./cale-by-hand.js";
import { type CryoFrame, CryoFrames, readCryo } from "./cryo-frames.js";
import { RawPeer } from "./raw-peer.js";

export interface CryoHabits {
  /** Encrypts. Default true. */
  readonly cale?: boolean;
  /** Plays its part of the handshake by itself. Default true; false: the test does. */
  readonly shakesHands?: boolean;
  /** Acknowledges each message on arrival. Default true. */
  readonly acknowledges?: boolean;
  /** Answers PING with PONG. Default true. */
  readonly answersPings?: boolean;
  /** Runs on every frame, after the habits above. */
  readonly onFrame?: (frame: CryoFrame, peer: CryoPeer) => void;
}

const handshake: ReadonlySet<string> = new Set(["serverHello", "clientHello", "done"]);
/** Frames without a number of their own: they echo one of the peer's. A pong does so as well. */
const echoes: ReadonlySet<string> = new Set(["ack", "done"]);
/** More than a sender of ours leaves out between two records. */
const counterGapMax = 32;

/**
 * The other end of a Cryo session, written from the wire description alone, on a bare WebSocket. It checks on every message
 * what holds for all: nothing but the handshake before both ends are secure and nothing but records afterwards, which
 * deployed peers cannot take for plain; ever greater counters; the session id; numbers that run 0, 1, 2, …; and that only
 * what was sent is acknowledged or answered.
 */
export class CryoPeer extends RawPeer<CryoFrame> {
  readonly make: CryoFrames;
  readonly end: End;
  readonly pair: KeyPair = new KeyPair();
  /** Every message as it came. */
  readonly messages: Buffer[] = [];
  readonly #habits: CryoHabits;
  #agreed: Keys | null = null;
  #secure = false;
  #nextAck = 0;
  #expectedAck = 0;
  #nextCounter = 0;
  #lastCounter = -1;
  readonly #unacked = new Set<number>();
  readonly #pinged = new Set<number>();

  constructor(socket: WebSocket, id: string, end: End, habits: CryoHabits = {}) {
    super(socket);
    this.make = new CryoFrames(id);
    this.end = end;
    this.#habits = habits;
    this.whenOpen(() => {
      if (end === "server" && this.#shakesHands) this.hello();
    });
  }

  /** The keys of this connection, once both hellos are known. */
  get keys(): Keys {
    assert.ok(this.#agreed, "there are no keys yet");
    return this.#agreed;
  }

  /** What nobody but the two ends may ever see. */
  get secrets(): Buffer[] {
    return this.#agreed === null ? [] : [this.#agreed.send, this.#agreed.receive, this.#agreed.secret];
  }

  // ---- the handshake

  /** Sends this end's hello and returns its number. */
  hello(publicKey: Buffer = this.pair.publicKey): number {
    const ack = this.#nextAck++;
    this.send(this.end === "server" ? this.make.serverHello(ack, publicKey) : this.make.clientHello(ack, publicKey));
    return ack;
  }

  agree(peerKey: Buffer): void {
    this.#agreed = this.pair.keysWith(peerKey, this.end);
  }

  /** From now on everything is a record, in both directions. */
  becomeSecure(): void {
    assert.ok(this.#agreed, "no keys were agreed on");
    this.#secure = true;
  }

  /** Both ends may send. */
  async connected(): Promise<void> {
    if (this.#habits.cale === false) await new Promise<void>((resolve) => this.whenOpen(resolve));
    else await this.take("done");
  }

  // ---- what it sends

  /** A record of this end, under its next counter or a given one. */
  seal(frame: Buffer, counter: number = this.#nextCounter++): Buffer {
    return sealWith(this.keys.send, ivOf(counter), frame);
  }

  /** Sends a frame as it is due: in a record once secure. */
  say(frame: Buffer): void {
    this.send(this.#secure ? this.seal(frame) : frame);
  }

  /** Sends an ack-tracked frame under the next number and returns that. */
  tracked(frame: (ack: number) => Buffer): number {
    const ack = this.expectAck();
    this.say(frame(ack));
    return ack;
  }

  /** The next number, whose ACK is due from now on. */
  expectAck(): number {
    const ack = this.#nextAck++;
    this.#unacked.add(ack);
    return ack;
  }

  utf8(text: string | Buffer): number {
    return this.tracked((ack) => this.make.utf8(ack, text));
  }

  binary(bytes: Buffer): number {
    return this.tracked((ack) => this.make.binary(ack, bytes));
  }

  /** An ERROR has a number, but no ACK. */
  error(text: string | Buffer): number {
    const ack = this.#nextAck++;
    this.say(this.make.error(ack, text));
    return ack;
  }

  ping(): number {
    const ack = this.#nextAck++;
    this.#pinged.add(ack);
    this.say(this.make.ping(ack));
    return ack;
  }

  acknowledge(frame: CryoFrame): void {
    this.say(this.make.ack(frame.ack));
  }

  /** Waits until all that was sent before has been handled: frames are handled in order, and a PING is answered. */
  async settled(): Promise<void> {
    const number = this.ping();
    await this.take("pingPong", (frame) => frame.text === "pong" && frame.ack === number, "PONG");
  }

  // ---- what it receives

  protected read(message: Buffer): CryoFrame {
    this.messages.push(Buffer.from(message));
    return readCryo(this.#secure ? this.#open(message) : message);
  }

  protected audit(frame: CryoFrame): void {
    const fault = (what: string): void => this.fault(what, frame);
    const pong = frame.text === "pong" && frame.name === "pingPong";
    if (frame.sid !== this.make.id.replaceAll("-", "").toLowerCase()) fault(`a frame of session ${frame.sid}`);
    const shaking = this.#habits.cale !== false && !this.#secure;
    if (handshake.has(frame.name) !== shaking)
      fault(shaking ? "not of the handshake" : "a handshake that nobody expects");
    if (frame.name === "ack" && !this.#unacked.delete(frame.ack)) fault("an ACK that is not due");
    if (pong && !this.#pinged.delete(frame.ack)) fault("a PONG that is not due");
    if (!pong && !echoes.has(frame.name) && frame.ack !== this.#expectedAck++) {
      fault(`number ${this.#expectedAck - 1} expected`);
    }
  }

  protected follow(frame: CryoFrame): void {
    const { acknowledges = true, answersPings = true } = this.#habits;
    if (this.#shakesHands) this.#shakeHands(frame);
    // With this a client is secure, and what it sends next may have come along.
    if (frame.name === "done" && this.end === "server") this.becomeSecure();
    if (acknowledges && (frame.name === "utf8" || frame.name === "binary")) this.acknowledge(frame);
    if (answersPings && frame.text === "ping" && frame.name === "pingPong") this.say(this.make.pong(frame.ack));
    this.#habits.onFrame?.(frame, this);
  }

  get #shakesHands(): boolean {
    return this.#habits.cale !== false && this.#habits.shakesHands !== false;
  }

  #shakeHands({ name, ack, bytes }: CryoFrame): void {
    if (name === "serverHello") {
      this.agree(bytes!);
      this.hello();
    } else if (name === "clientHello") {
      this.agree(bytes!);
      this.send(this.make.done(ack));
    } else if (name === "done") {
      // The number of the CLIENT_HELLO, which is the first of either peer.
      if (ack !== 0) this.faults.push(`HANDSHAKE_DONE ${ack}`);
      if (this.end === "server") return;
      this.send(this.make.done(ack));
      this.becomeSecure();
    }
  }

  #open(record: Buffer): Buffer {
    const frame = openWith(this.keys.receive, record);
    const counter = counterOf(record);
    if (record[20]! <= 7) this.faults.push("a record that deployed peers take for plain");
    if (record.subarray(0, 8).some((byte) => byte !== 0)) this.faults.push("an iv that does not begin with zeros");
    if (counter <= this.#lastCounter || counter - this.#lastCounter > counterGapMax) {
      this.faults.push(`counter ${counter} after ${this.#lastCounter}`);
    }
    this.#lastCounter = counter;
    return frame;
  }
}
