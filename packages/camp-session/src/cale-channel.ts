import { type CaleRole, type CryoFrame, readCaleCounter } from "cryo-protocol";
import { type CaleConfig, type CaleLimits, caleLimits } from "./cale-config.js";
import type { CaleCipher } from "./cale-crypto.js";
import { CaleHandshake, type CaleRefusal, type CaleSecrets, type HandshakeWorld } from "./cale-handshake.js";
import { type CounterRule, CounterWindow, KeyUse, RecordSealer, StrictCounters } from "./cale-records.js";
import { CloseCode } from "./close-codes.js";
import { Fifo } from "./fifo.js";
import { inboxBytesMax, inboxFramesMax, opensInFlightMax } from "./limits.js";
import { type SealingOwner, SealingTransport } from "./sealing-transport.js";
import type { Transport } from "./transport.js";

/** What a channel tells its session. Nothing comes from one that has ended. */
export interface ChannelWorld {
  sendHello(publicKey: Uint8Array): number;
  sendDone(number: number): void;
  /** A message in the clear, before the channel is secure or where it may still be. */
  clear(bytes: Uint8Array): void;
  /** A frame that was in a record. */
  opened(bytes: Uint8Array): void;
  secured(channelBinding: Uint8Array): void;
  refused(code: CaleRefusal): void;
  /** A record was dropped because its counter is older than the window. */
  oldRecord(): void;
  /** Too much waits to be opened (true), or no longer (false). */
  full(isFull: boolean): void;
  /** The keys are worn out: fresh ones are due. */
  worn(): void;
  /** The keys are used up: the connection must end. */
  spent(): void;
}

/**
 * CALE on one connection: first the handshake, then every message a record. In front of the real transport stands one that
 * seals; what arrives passes here before the session sees it, in the order of arrival, also where opening takes waiting.
 */
export class CaleChannel implements HandshakeWorld, SealingOwner {
  readonly transport: SealingTransport;
  readonly #handshake: CaleHandshake;
  readonly #limits: CaleLimits;
  readonly #world: ChannelWorld;
  readonly #received: KeyUse;
  readonly #sealer: RecordSealer;
  readonly #counters: CounterRule;
  #cipher: CaleCipher | null = null;
  readonly #arrivals = new Fifo<Uint8Array>();
  #arrivedBytes = 0;
  #opening = false;
  #full = false;
  /** What the world was told of the keys. */
  #use: "fresh" | "worn" | "spent" = "fresh";
  #ended = false;
  #whenOpened: (() => void) | null = null;

  constructor(role: CaleRole, config: CaleConfig, inner: Transport, world: ChannelWorld) {
    this.#world = world;
    this.#limits = caleLimits(config.limits);
    this.#received = new KeyUse(this.#limits);
    this.#sealer = new RecordSealer(this.#limits);
    this.#counters = config.nonceOrder === "strict" ? new StrictCounters() : new CounterWindow();
    this.transport = new SealingTransport(inner, this);
    this.#handshake = new CaleHandshake(role, config.crypto, this);
  }

  get secure(): boolean {
    return this.#cipher !== null;
  }

  /** Whether the peer has not sent a record yet. */
  get beforeFirstRecord(): boolean {
    return this.#received.records === 0;
  }

  start(): void {
    this.#handshake.start();
  }

  /** A message of the transport. */
  arrived(bytes: Uint8Array): void {
    if (this.#ended) return;
    if (this.#arrivals.length === 0 && this.#idle) {
      this.#take(bytes);
      return;
    }
    this.#arrivals.push(bytes);
    this.#arrivedBytes += bytes.byteLength;
    this.#checkFull();
  }

  /** A frame of the handshake, or one that stands in its place. */
  handle(frame: CryoFrame): void {
    if (this.secure) this.refuse();
    else this.#handshake.handle(frame);
  }

  late(): void {
    this.#handshake.late();
  }

  /** What the peer sent is not what CALE wants at this point: one code, whatever it was. */
  refuse(): void {
    this.refused(CloseCode.caleFailed);
  }

  /** The transport is gone. What is being opened still arrives, then `run` is called. */
  closed(run: () => void): void {
    this.transport.drop();
    this.#handshake.cancel();
    if (this.#opening && !this.#ended) this.#whenOpened = run;
    else run();
  }

  /** Nothing more may come from this channel: the session has another connection, or none. */
  end(): void {
    this.#ended = true;
    this.#handshake.cancel();
    this.#arrivals.clear();
  }

  // ---- what the handshake does

  sendHello(publicKey: Uint8Array): number {
    return this.#world.sendHello(publicKey);
  }

  sendDone(number: number): void {
    this.#world.sendDone(number);
  }

  secured({ cipher, channelBinding }: CaleSecrets): void {
    this.#cipher = cipher;
    this.transport.seal(cipher, this.#sealer);
    this.#world.secured(channelBinding);
  }

  refused(code: CaleRefusal): void {
    if (this.#ended) return;
    this.end();
    this.#world.refused(code);
  }

  ready(): void {
    this.#takeAll();
  }

  // ---- what the transport tells

  closing(): void {
    this.#handshake.cancel();
  }

  sealed(): void {
    this.#watch(this.#sealer.use);
  }

  spent(): void {
    if (this.#use !== "spent") this.#world.spent();
    this.#use = "spent";
  }

  failed(): void {
    this.refuse();
  }

  // ---- what arrives

  /** Whether the next message may be looked at. */
  get #idle(): boolean {
    return !this.#opening && !this.#handshake.busy && !this.#ended;
  }

  #takeAll(): void {
    while (this.#idle) {
      const bytes = this.#next();
      if (bytes === undefined) break;
      this.#take(bytes);
    }
    this.#checkFull();
  }

  #take(bytes: Uint8Array): void {
    const cipher = this.#cipher;
    const counter = cipher === null ? undefined : readCaleCounter(bytes);
    if (cipher !== null && counter !== undefined) this.#open(cipher, bytes, counter);
    else if (this.beforeFirstRecord) this.#world.clear(bytes);
    else this.refuse();
  }

  #next(): Uint8Array | undefined {
    const bytes = this.#arrivals.shift();
    this.#arrivedBytes -= bytes?.byteLength ?? 0;
    return bytes;
  }

  #open(cipher: CaleCipher, record: Uint8Array, counter: number): void {
    if (cipher.mode === "async") {
      void this.#openSome(cipher, record);
      return;
    }
    let plain: Uint8Array | null;
    try {
      plain = cipher.open(record);
    } catch {
      plain = null;
    }
    this.#opened(record, counter, plain);
  }

  /** Opens what has arrived side by side and passes it on in order. */
  async #openSome(cipher: Extract<CaleCipher, { mode: "async" }>, first: Uint8Array): Promise<void> {
    this.#opening = true;
    const records = [first];
    while (records.length < opensInFlightMax && this.#arrivals.length > 0) records.push(this.#next()!);
    const counters = records.map(readCaleCounter);
    const whole = counters.indexOf(undefined) < 0 ? records : records.slice(0, counters.indexOf(undefined) + 1);
    const results = await Promise.allSettled(whole.map((record) => cipher.open(record)));
    for (const [index, result] of results.entries()) {
      const plain = result.status === "fulfilled" ? result.value : null;
      this.#opened(records[index]!, counters[index], plain);
    }
    this.#opening = false;
    this.#takeAll();
    if (this.#opening) return;
    const whenOpened = this.#whenOpened;
    this.#whenOpened = null;
    whenOpened?.();
  }

  /** The counter is judged only once the record has proved to be the peer's. */
  #opened(record: Uint8Array, counter: number | undefined, plain: Uint8Array | null): void {
    if (this.#ended) return;
    const verdict = plain === null || counter === undefined ? "refused" : this.#counters.judge(counter);
    if (plain === null || verdict === "refused") {
      this.refuse();
      return;
    }
    this.#received.add(record.byteLength);
    if (verdict === "old") this.#world.oldRecord();
    else this.#world.opened(plain);
    this.#watch(this.#received);
    if (this.#received.spent) {
      this.end();
      this.spent();
    }
  }

  #watch(use: KeyUse): void {
    if (!use.worn || this.#use !== "fresh") return;
    this.#use = "worn";
    this.#world.worn();
  }

  #checkFull(): void {
    const share = this.#full ? 2 : 1;
    const full = this.#arrivals.length * share > inboxFramesMax || this.#arrivedBytes * share > inboxBytesMax;
    if (full === this.#full || this.#ended) return;
    this.#full = full;
    this.#world.full(full);
  }
}
