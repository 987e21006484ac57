import { type CampFrame, decode, encode } from "camp-protocol";
import type { SimulatedEnd } from "mock-websocket/network";
import type { SessionInputs } from "../transport.js";

/** A peer made by hand: it sends exactly what the test says and keeps all that comes back. */
export class ScriptedPeer implements SessionInputs {
  readonly #end: SimulatedEnd;
  /** Every frame that arrived, decoded. */
  readonly frames: CampFrame[] = [];
  /** The close code and reason, once the connection is gone. */
  closedWith: { readonly code: number; readonly reason: string } | null = null;
  /** Called for each frame as it arrives, to answer at once. */
  onFrame: ((frame: CampFrame) => void) | null = null;

  constructor(end: SimulatedEnd) {
    this.#end = end;
    end.drive(this);
  }

  send(...frames: readonly CampFrame[]): void {
    for (const frame of frames) this.#end.send(encode(frame));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#end.send(bytes);
  }

  close(code: number, reason: string): void {
    this.#end.close(code, reason);
  }

  /** The frames of one type, in the order of arrival. */
  of<T extends CampFrame["type"]>(type: T): Extract<CampFrame, { readonly type: T }>[] {
    return this.frames.filter((frame) => frame.type === type) as Extract<CampFrame, { readonly type: T }>[];
  }

  /** The ack numbers that were acknowledged, in order. */
  get acked(): number[] {
    return this.of("ack").map((frame) => frame.ack);
  }

  received(bytes: Uint8Array): void {
    const frame = decode(bytes);
    this.frames.push(frame);
    this.onFrame?.(frame);
  }

  receivedText(): void {}
  writable(): void {}
  tick(): void {}

  closed(code: number, reason: string): void {
    this.closedWith = { code, reason };
  }
}
