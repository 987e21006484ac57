import { CannotOpenError, type Envelope, MalformedError, type TextEnvelope } from "../protocol/index.js";
import type { Conversations } from "./conversations.js";
import type { Core } from "./core.js";
import { EarlyMessages } from "./early.js";
import type { Invitations } from "./invitations.js";

/** With those that came since the last receipt still fewer than one receipt tells of: 65. */
const batchMax = 32;

/**
 * What the server brings, in the order in which it came. Messages that wait together are stored together, because a transaction takes
 * longer than a message. Acknowledged is what is stored, or can never be.
 */
export class Inbox {
  readonly #core: Core;
  readonly #invitations: Invitations;
  readonly #conversations: Conversations;
  readonly #early = new EarlyMessages();
  #waiting: Envelope[] = [];
  #running = false;

  constructor(core: Core, invitations: Invitations, conversations: Conversations) {
    this.#core = core;
    this.#invitations = invitations;
    this.#conversations = conversations;
  }

  arrived(envelope: Envelope): void {
    this.#waiting.push(envelope);
    if (!this.#running) void this.#run();
  }

  /** The connection is gone: the server brings again what it was not told of. */
  clear(): void {
    this.#waiting = [];
    this.#early.clear();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) await this.#guard(this.#core.serial.run(() => this.#batch()));
    this.#running = false;
    this.#conversations.tellAll();
  }

  async #batch(): Promise<void> {
    const texts: TextEnvelope[] = [];
    for (const envelope of this.#waiting.splice(0, batchMax)) {
      if (envelope.to !== this.#core.identity.fingerprint) this.#cannotOpen(envelope);
      else if (envelope.type === "msg") texts.push(envelope);
      else {
        await this.#guard(this.#texts(texts.splice(0)));
        await this.#guard(this.#invitation(envelope));
      }
    }
    await this.#guard(this.#texts(texts));
  }

  async #texts(envelopes: readonly TextEnvelope[]): Promise<void> {
    const known: TextEnvelope[] = [];
    for (const envelope of envelopes) {
      const contact = this.#core.contacts.get(envelope.from);
      if (contact?.state === "invited") this.#early.hold(envelope);
      else if (contact !== undefined && contact.pairPsk !== "") known.push(envelope);
      else {
        this.#cannotOpen(envelope);
        this.#core.link.acknowledge(envelope);
      }
    }
    if (known.length === 0) return;
    await this.#conversations.received(known);
    for (const envelope of known) this.#core.link.acknowledge(envelope);
  }

  async #invitation(envelope: Exclude<Envelope, TextEnvelope>): Promise<void> {
    try {
      if (envelope.type === "accept") await this.#invitations.accepted(envelope);
      else await this.#welcomed(envelope);
    } catch (error) {
      if (!(error instanceof CannotOpenError || error instanceof MalformedError)) throw error;
      this.#cannotOpen(envelope);
    }
    this.#core.link.acknowledge(envelope);
  }

  async #welcomed(envelope: Extract<Envelope, { type: "welcome" }>): Promise<void> {
    await this.#invitations.welcomed(envelope);
    if (this.#core.contacts.get(envelope.from)?.state === "invited") return;
    await this.#texts(this.#early.take(envelope.from));
  }

  #cannotOpen({ from }: Envelope): void {
    this.#core.events.emit("warning", "cannot-open", from);
  }

  /** What fails is not acknowledged, and comes again; what is behind it does not wait for it. */
  async #guard(work: Promise<void>): Promise<void> {
    await work.catch((error: unknown) => this.#core.events.emit("failed", error));
  }
}
