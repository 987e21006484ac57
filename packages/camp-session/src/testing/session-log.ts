import type { DropReason, SessionEvents } from "../events.js";
import type { MessageKind, Payload } from "../hooks.js";

/** All that a session told its owner. */
export class SessionLog implements SessionEvents {
  readonly messages: { readonly kind: MessageKind; readonly payload: Payload }[] = [];
  /** The names of all events in order, with what matters of them. */
  readonly log: string[] = [];
  readonly errors: Error[] = [];
  closes = 0;
  resumes = 0;
  onMessage: ((kind: MessageKind, payload: Payload) => void) | null = null;
  onConnected: (() => void) | null = null;
  onDisconnected: (() => void) | null = null;

  connected(): void {
    this.log.push("connected");
    this.onConnected?.();
  }

  disconnected(code: number, reason: string): void {
    this.log.push(`disconnected ${code} ${reason}`);
    this.onDisconnected?.();
  }

  reconnected(resumed: boolean): void {
    this.log.push(resumed ? "resumed" : "reconnected");
    if (resumed) this.resumes++;
    this.onConnected?.();
  }

  secure(): void {
    this.log.push("secure");
  }

  message(kind: MessageKind, payload: Payload, plaintext?: true): void {
    this.messages.push(plaintext ? Object.assign({ kind, payload }, { plaintext }) : { kind, payload });
    this.onMessage?.(kind, payload);
  }

  beat(ackTimeouts: number): void {
    this.log.push(`beat ${ackTimeouts}`);
  }

  dropped(reason: DropReason, kind: MessageKind): void {
    this.log.push(`dropped ${reason} ${kind}`);
  }

  drain(): void {
    this.log.push("drain");
  }

  streamUnclaimed(name: string, txId: number): void {
    this.log.push(`unclaimed ${name} ${txId}`);
  }

  hookFailed(extension: string, error: Error): void {
    this.log.push(`hook failed ${extension}`);
    this.errors.push(error);
  }

  error(error: Error): void {
    this.errors.push(error);
  }

  closed(code: number, reason: string): void {
    this.closes++;
    this.log.push(`closed ${code} ${reason}`);
  }
}
