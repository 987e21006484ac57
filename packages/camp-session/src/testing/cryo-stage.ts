import { type CryoFrame, decode, encode } from "cryo-protocol";
import { calmNetwork, type NetworkConditions, SimulatedEnd, VirtualTime } from "mock-websocket/network";
import type { SessionInputs } from "../transport.js";
import { CryoEnd, type CryoEndOptions, cryoSid } from "./cryo-end.js";

const sid = cryoSid;

/** Hand-made frames of the session in tests. */
export const cryoFrames = {
  ack: (ack: number): CryoFrame => ({ type: "ack", sid, ack }),
  error: (ack: number, payload: string): CryoFrame => ({ type: "error", sid, ack, payload }),
  ping: (ack: number): CryoFrame => ({ type: "ping_pong", sid, ack, payload: "ping" }),
  pong: (ack: number): CryoFrame => ({ type: "ping_pong", sid, ack, payload: "pong" }),
  utf8: (ack: number, payload: string): CryoFrame => ({ type: "utf8data", sid, ack, payload }),
  binary: (ack: number, payload: Uint8Array): CryoFrame => ({ type: "binarydata", sid, ack, payload }),
  serverHello: (ack: number, payload: Uint8Array): CryoFrame => ({ type: "server_hello", sid, ack, payload }),
  clientHello: (ack: number, payload: Uint8Array): CryoFrame => ({ type: "client_hello", sid, ack, payload }),
  done: (ack: number, payload = Uint8Array.of(0x6e, 0x75, 0x6c, 0x6c)): CryoFrame => ({
    ...{ type: "handshake_done", sid, ack, payload },
  }),
};

/** A peer made by hand: it sends exactly the bytes that the test says and keeps all that come back. */
export class RawPeer implements SessionInputs {
  readonly #end: SimulatedEnd;
  readonly messages: Uint8Array[] = [];
  closedWith: { readonly code: number; readonly reason: string } | null = null;
  /** Called for each message as it arrives, to answer at once. */
  onMessage: ((bytes: Uint8Array) => void) | null = null;
  #seen = 0;

  constructor(end: SimulatedEnd) {
    this.#end = end;
    end.drive(this);
  }

  send(...frames: readonly CryoFrame[]): void {
    for (const frame of frames) this.#end.send(encode(frame));
  }

  sendBytes(...messages: readonly Uint8Array[]): void {
    for (const bytes of messages) this.#end.send(bytes);
  }

  close(code: number, reason: string): void {
    this.#end.close(code, reason);
  }

  /** The messages that came since the last call. */
  takenBytes(): Uint8Array[] {
    const fresh = this.messages.slice(this.#seen);
    this.#seen = this.messages.length;
    return fresh;
  }

  /** The same, decoded. */
  taken(): CryoFrame[] {
    return this.takenBytes().map((bytes) => decode(bytes));
  }

  received(bytes: Uint8Array): void {
    this.messages.push(bytes);
    this.onMessage?.(bytes);
  }

  receivedText(): void {}
  writable(): void {}
  tick(): void {}

  closed(code: number, reason: string): void {
    this.closedWith = { code, reason };
  }
}

export interface CryoStageOptions extends CryoEndOptions {
  readonly network?: Partial<NetworkConditions>;
}

const host = globalThis as unknown as { setImmediate(run: () => void): void };

/** One Cryo session of ours against a peer made by hand. Each way takes 1 ms, however long the message is. */
export class CryoStage {
  readonly time = new VirtualTime(() => new Promise((resolve) => host.setImmediate(resolve)));
  readonly conditions: NetworkConditions;
  readonly end: CryoEnd;
  near!: SimulatedEnd;
  peer!: RawPeer;

  constructor(options: CryoStageOptions = {}) {
    this.conditions = { ...calmNetwork, bytesPerMs: Number.POSITIVE_INFINITY, ...options.network };
    this.end = new CryoEnd(this.time, options);
    this.connect();
  }

  get session(): CryoEnd["session"] {
    return this.end.session;
  }

  get log(): readonly string[] {
    return this.end.log;
  }

  /** A fresh connection. */
  connect(): void {
    const [near, far] = SimulatedEnd.pair(this.time, this.conditions);
    this.near = near;
    this.peer = new RawPeer(far);
    this.end.attach(near);
  }

  /** Lets a round trip pass, or `ms`. */
  pass(ms = 3): Promise<void> {
    return this.time.advance(ms);
  }
}
