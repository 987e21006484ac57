import { type CampFrame, Feature } from "camp-protocol";
import { calmNetwork, type NetworkConditions, SimulatedEnd, VirtualTime } from "mock-websocket/network";
import type { IncomingStream } from "../incoming-stream.js";
import { ScriptedPeer } from "./scripted-peer.js";
import { TestEnd, type TestEndOptions } from "./test-end.js";

const sid = 7n;

/** The features that an end of ours announces. */
export const ownFeatures = Feature.transactions | Feature.streamControl | Feature.tokens;

/** Hand-made frames of session 7. */
export const frames = {
  info: (ack = 0, features: bigint = ownFeatures, version = 1): CampFrame => ({
    ...{ type: "endpoint_info", sid, ack, version, features },
  }),
  ack: (ack: number): CampFrame => ({ type: "ack", sid, ack }),
  bye: (ack: number, reason: string): CampFrame => ({ type: "bye", sid, ack, reason }),
  error: (ack: number, payload: string): CampFrame => ({ type: "error", sid, ack, payload }),
  utf8: (ack: number, payload: string): CampFrame => ({ type: "utf8data", sid, ack, payload }),
  binary: (ack: number, payload: Uint8Array): CampFrame => ({ type: "binarydata", sid, ack, payload }),
  ping: { type: "ping_pong", sid, payload: "ping" } as CampFrame,
  pong: { type: "ping_pong", sid, payload: "pong" } as CampFrame,
  start: (ack: number, txId: number, size: bigint, behaviour: 0 | 1 = 0, name = ""): CampFrame => ({
    ...{ type: "tx_start", sid, ack, txId, size, behaviour, name },
  }),
  chunk: (txId: number, offset: bigint, payload: Uint8Array): CampFrame => ({
    ...{ type: "tx_chunk", sid, txId, offset, payload },
  }),
  finish: (ack: number, txId: number): CampFrame => ({ type: "tx_finish", sid, ack, txId }),
  fetch: (ack: number, txId: number, start: bigint, end: bigint): CampFrame => ({
    ...{ type: "tx_fetch", sid, ack, txId, start, end },
  }),
  cancel: (ack: number, txId: number): CampFrame => ({ type: "tx_cancel", sid, ack, txId }),
  abort: (ack: number, txId: number, reason: string): CampFrame => ({ type: "tx_abort", sid, ack, txId, reason }),
};

/** What became of a promise so far. */
export interface Outcome<T> {
  state: "pending" | "resolved" | "rejected";
  value?: T;
  error?: Error & { readonly code?: string };
}

/** Follows a promise, so that a test can look at it at any moment. */
export function watch<T>(promise: Promise<T>): Outcome<T> {
  const outcome: Outcome<T> = { state: "pending" };
  promise.then(
    (value) => Object.assign(outcome, { state: "resolved", value }),
    (error) => Object.assign(outcome, { state: "rejected", error }),
  );
  return outcome;
}

/** The error that a stream failed with, or null. */
export function failure(stream: IncomingStream): Error | null {
  return stream.state.at === "failed" ? stream.state.error : null;
}

/** `length` bytes that differ from their neighbours. */
export function someBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

export interface StageOptions extends TestEndOptions {
  readonly network?: Partial<NetworkConditions>;
}

const host = globalThis as unknown as { setImmediate(run: () => void): void };

/** One session of ours against a peer made by hand. Each way takes 1 ms, however long the message is. */
export class Stage {
  readonly time = new VirtualTime(() => new Promise((resolve) => host.setImmediate(resolve)));
  readonly conditions: NetworkConditions;
  readonly end: TestEnd;
  near!: SimulatedEnd;
  peer!: ScriptedPeer;
  #seen = 0;
  #nextAck = 0;

  constructor(options: StageOptions = {}) {
    this.conditions = { ...calmNetwork, bytesPerMs: Number.POSITIVE_INFINITY, ...options.network };
    this.end = new TestEnd(this.time, options);
  }

  /** A stage whose session has just finished its handshake. */
  static async open(options: StageOptions & { readonly features?: bigint } = {}): Promise<Stage> {
    const stage = new Stage(options);
    await stage.introduce(options.features);
    return stage;
  }

  get session(): TestEnd["session"] {
    return this.end.session;
  }

  get log(): readonly string[] {
    return this.end.log;
  }

  /** The number of the peer's next ack-tracked frame on this connection. */
  get nextAck(): number {
    return this.#nextAck++;
  }

  /** A fresh connection; nothing was said by the peer yet. */
  connect(): void {
    const [near, far] = SimulatedEnd.pair(this.time, this.conditions);
    this.near = near;
    this.peer = new ScriptedPeer(far);
    this.#seen = 0;
    this.#nextAck = 0;
    this.end.attach(near);
  }

  /** A fresh connection, and both ends accept the other's ENDPOINT_INFO. */
  async introduce(features: bigint = ownFeatures): Promise<void> {
    this.connect();
    this.peer.send(frames.info(this.nextAck, features), frames.ack(0));
    await this.pass();
    this.taken();
  }

  /** Lets a round trip pass, or `ms`. */
  pass(ms = 3): Promise<void> {
    return this.time.advance(ms);
  }

  /** The stream of this name that the peer has just begun. */
  async claim(name: string): Promise<IncomingStream> {
    const stream = this.session.waitForStream(name);
    await this.pass();
    return stream;
  }

  /** The frames that the peer got since the last call. */
  taken(): CampFrame[] {
    const fresh = this.peer.frames.slice(this.#seen);
    this.#seen = this.peer.frames.length;
    return fresh;
  }

  /** The peer acknowledges every tracked frame as it arrives. */
  acknowledgeAll(): void {
    this.peer.onFrame = (frame) => {
      if ("ack" in frame && frame.type !== "ack") {
        this.peer.send(frames.ack(frame.ack));
      }
    };
  }
}
