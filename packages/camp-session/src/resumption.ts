import {
  type FrameEncoder,
  RECEIVED_LAST,
  RESUME_NOTHING,
  type ResumeFrame,
  type ResumeTicketFrame,
} from "camp-protocol";
import { CloseCode } from "./close-codes.js";
import { ResumeFailedError } from "./errors.js";
import type { MessageLink } from "./message-link.js";
import { passing, plainFrame, WatchedFrame } from "./out-frame.js";
import { Tickets } from "./tickets.js";
import type { Timer } from "./timers.js";
import type { Transport } from "./transport.js";

/** How sessions outlive their connection. */
export interface ResumeConfig {
  /** How long a session is kept for the other end after its connection was cut, in milliseconds. */
  readonly windowMs: number;
  /** Bytes that nobody can guess, from the platform's source of randomness; asked for on servers only. */
  readonly randomBytes: (bytes: number) => Uint8Array;
}

/** What became of a client that wants to come back. */
export type ReturnVerdict = "resumed" | "in-use" | "foreign" | "stale" | "over";

/**
 * One end's part in keeping the session beyond its connection (docs/protocol-extensions.md): the secret that proves who comes
 * back, and the time for which the session is kept. What was sent and received is the journal's.
 */
export class Resumption {
  readonly #config: ResumeConfig;
  readonly #link: MessageLink;
  readonly #encoder: FrameEncoder;
  #agreed = false;
  #tickets: Tickets | null = null;
  #ticket: { readonly secret: Uint8Array; readonly windowMs: number } | null = null;
  /** Runs while the session is held. */
  #window: Timer | null = null;
  /** How the connection ended, while the session is held. */
  #heldBy: { readonly code: number; readonly reason: string } | null = null;
  #gaveUp = false;
  #ended = false;

  constructor(config: ResumeConfig, link: MessageLink, encoder: FrameEncoder) {
    this.#config = config;
    this.#link = link;
    this.#encoder = encoder;
  }

  /** Whether the peer can come back to this session. */
  get possible(): boolean {
    if (!this.#agreed || this.#link.messaging.journal.closed) return false;
    return this.#ticket !== null || this.#tickets?.known === true;
  }

  /** On a fresh connection both ends have introduced themselves, and this is what they agreed on. */
  begin(agreed: boolean): void {
    this.#release();
    this.#agreed = agreed;
    this.#ticket = null;
    this.#tickets = null;
    this.#gaveUp = false;
    this.#ended = false;
    if (!agreed) return;
    this.#link.messaging.journal.keep();
    if (this.#link.config.role === "client") return;
    this.#tickets = new Tickets(this.#config.randomBytes);
  }

  /** A secret for the client's next return, on servers. */
  issue(): void {
    const secret = this.#tickets?.issue() ?? null;
    if (secret === null) return;
    const frame = this.#encoder.resumeTicket(this.#config.windowMs, secret);
    this.#link.control(new WatchedFrame(frame, (error) => error === null && this.#tickets?.acknowledged()));
  }

  /** The server's secret came; the memory is the frame's. */
  ticket({ secret, windowMs }: ResumeTicketFrame): void {
    this.#ticket = { secret: secret.slice(), windowMs };
  }

  /** The connection was cut: the session is kept for a while. */
  hold(code: number, reason: string): void {
    if (this.#heldBy !== null) return;
    this.#heldBy = { code, reason };
    const windowMs = Math.min(this.#config.windowMs, this.#ticket?.windowMs ?? Number.POSITIVE_INFINITY);
    this.#window = this.#link.timers.after(windowMs, () => this.giveUp());
  }

  /** The window has passed, or what is kept grew too large. A client goes on trying to connect, for a session that begins anew. */
  giveUp(): void {
    const held = this.#heldBy;
    if (held === null || this.#gaveUp) return;
    this.#gaveUp = true;
    if (this.#link.config.role === "server") this.#link.fail(held.code, held.reason);
    else this.#link.beginAnew(new ResumeFailedError("the session was not resumed in time"));
  }

  /** The client's RESUME. */
  request(): Uint8Array {
    const { secret } = this.#ticket!;
    const received = this.#gaveUp ? RESUME_NOTHING : BigInt(this.#link.messaging.journal.report());
    return this.#encoder.resume(received, secret);
  }

  /** RESUMED came: the session goes on. Returns whether what the server says can be. */
  resumed(received: bigint): boolean {
    if (this.#gaveUp || !this.#link.messaging.confirmed(received)) return false;
    this.#release();
    this.#link.resume();
    return true;
  }

  /** A client came back on this connection with a RESUME. */
  returned(transport: Transport, { secret, received }: ResumeFrame): ReturnVerdict {
    const { messaging } = this.#link;
    if (this.#tickets?.accepts(secret) !== true) return "foreign";
    if (this.#heldBy === null || this.#link.state !== "disconnected") return "in-use";
    if (received === RESUME_NOTHING) {
      this.giveUp();
      return "over";
    }
    // An attempt that its client gave up may arrive after the next one did; it must not hurt what that achieved.
    if (!messaging.confirmed(received)) return "stale";
    this.#release();
    this.#link.takeOver(transport, () => {
      this.#link.traffic.introduced(() => this.#encoder.resume(received, secret));
      return passing(plainFrame(this.#encoder.resumed(BigInt(messaging.journal.report()))));
    });
    this.issue();
    return "resumed";
  }

  /** Whether this end told its peer that it takes nothing more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** This end closes the connection on purpose. What it has it says now, so that its peer knows what became of everything. */
  ending(): void {
    const { journal, outbox } = this.#link.messaging;
    if (!journal.keeps || this.#ended) return;
    this.#ended = true;
    const received = BigInt(journal.report()) | RECEIVED_LAST;
    outbox.introduce(passing(plainFrame(this.#encoder.received(received))));
  }

  /** RECEIVED came. */
  confirmed(count: bigint): void {
    const { messaging } = this.#link;
    const received = count & ~RECEIVED_LAST;
    if (received !== count) messaging.journal.closed = true;
    if (messaging.confirmed(received)) return;
    this.#link.violate(CloseCode.clientError, `RECEIVED ${received} counts frames that were not sent`);
  }

  /** A frame came that counts. */
  arrived(bytes: number): void {
    const { journal } = this.#link.messaging;
    journal.arrived(bytes);
    if (journal.receiptDue) this.#report();
  }

  /** Whatever came is told now and then, so that an idle peer keeps nothing. */
  beat(): void {
    if (this.#link.messaging.journal.unreported) this.#report();
  }

  #report(): void {
    const received = BigInt(this.#link.messaging.journal.report());
    this.#link.control(passing(plainFrame(this.#encoder.received(received))));
  }

  #release(): void {
    this.#window?.cancel();
    this.#window = null;
    this.#heldBy = null;
  }
}
