import { type CampFrame, decode } from "camp-protocol";
import { whole } from "../join.js";
import type { Transport } from "../transport.js";

/** A transport that does nothing by itself: what was sent stays buffered until the test lets it leave. */
export class ManualTransport implements Transport {
  bufferedBytes = 0;
  receivedBytes = 0;
  pausable = true;
  paused = false;
  closedWith: { readonly code: number; readonly reason: string } | null = null;
  terminated = false;
  readonly sent: Uint8Array[] = [];
  #seen = 0;

  send(head: Uint8Array, body?: Uint8Array, tail?: Uint8Array): void {
    const bytes = whole({ bytes: head, body, tail });
    this.sent.push(bytes);
    this.bufferedBytes += bytes.byteLength;
  }

  /** All that is buffered, or `bytes` of it, leaves. The session must be told by the test. */
  flush(bytes = this.bufferedBytes): void {
    this.bufferedBytes -= bytes;
  }

  /** The frames sent since the last call. */
  taken(): CampFrame[] {
    const fresh = this.sent.slice(this.#seen).map((bytes) => decode(bytes));
    this.#seen = this.sent.length;
    return fresh;
  }

  pause(): boolean {
    if (this.pausable) this.paused = true;
    return this.pausable;
  }

  resume(): void {
    this.paused = false;
  }

  close(code: number, reason: string): void {
    this.closedWith = { code, reason };
  }

  terminate(): void {
    this.terminated = true;
  }
}
