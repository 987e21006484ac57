import {
  creditWindow,
  creditWindowMax,
  fetchBytes,
  fetchWindow,
  grantsBeforeGrowth,
  quickCreditWindowMax,
  slowGrantMs,
  unaskedBytes,
} from "./limits.js";
import { least, type Range, RangeSet } from "./ranges.js";
import type { FlowControl } from "./stream-receiver.js";

/** Sends TX_FETCH for the stream. */
export type SendFetch = (start: bigint, end: bigint) => void;

const unasked = BigInt(unaskedBytes);
const windowMax = BigInt(creditWindowMax);
const quickWindowMax = BigInt(quickCreditWindowMax);
const fetchPiece = BigInt(fetchBytes);
const fetchAhead = BigInt(fetchWindow);

/**
 * Push: bytes come front to back. Where both ends know stream control the reader grants credit as it takes (rules 18); with
 * other peers only the socket holds the sender back. Streams of unknown length are taken in order of arrival, because deployed
 * senders number their chunks wrongly there (camp-v1.md section 6).
 */
export class PushFlow implements FlowControl {
  readonly #size: bigint | null;
  readonly #grant: SendFetch | null;
  readonly #now: () => number;
  #expected = 0n;
  #granted = unasked;
  #window = BigInt(creditWindow);
  #emptyGrants = 0;
  #grantedAtMs = 0;

  constructor(size: bigint | null, grant: SendFetch | null, now: () => number) {
    this.#size = size;
    this.#grant = grant;
    this.#now = now;
  }

  check(offset: bigint, bytes: number): string | null {
    if (this.#size !== null && offset !== this.#expected)
      return `bytes at ${offset} came where ${this.#expected} was due`;
    const end = this.#expected + BigInt(bytes);
    if (this.#size !== null && end > this.#size) return `bytes came past its size of ${this.#size}`;
    if (this.#grant !== null && end > this.#granted) return `bytes came past its credit of ${this.#granted}`;
    this.#expected = end;
    return null;
  }

  taken(takenBytes: bigint): void {
    if (this.#grant === null || this.#granted - takenBytes > this.#window / 2n) return;
    if (this.#size !== null && this.#granted >= this.#size) return;
    this.#adapt(takenBytes);
    this.#granted = takenBytes + this.#window;
    this.#grant(takenBytes, this.#granted);
  }

  /**
   * A reader that has taken everything each time waits for the network: one window a round trip is too little for it. Where half
   * a window is there in no time, as between two processes of a machine, much more would gain nothing: it would only fill the
   * buffers of the sockets, and messages would wait behind it.
   */
  #adapt(takenBytes: bigint): void {
    const now = this.#now();
    const slow = now - this.#grantedAtMs >= slowGrantMs;
    const waited = takenBytes === this.#expected && (slow || this.#window < quickWindowMax);
    this.#grantedAtMs = now;
    this.#emptyGrants = waited ? this.#emptyGrants + 1 : 0;
    if (this.#emptyGrants < grantsBeforeGrowth || this.#window === windowMax) return;
    this.#emptyGrants = 0;
    this.#window = least(this.#window * 2n, windowMax);
  }

  finish(receivedBytes: bigint): string | null {
    if (this.#size === null || receivedBytes === this.#size) return null;
    return `it was finished after ${receivedBytes} of ${this.#size} bytes`;
  }
}

/**
 * Pull: bytes come as they were asked for. A reader that just reads asks front to back, a bounded amount ahead; the first range
 * asked for by hand ends that for good (rules 22).
 */
export class PullFlow implements FlowControl {
  readonly #size: bigint;
  readonly #fetch: SendFetch;
  readonly #arrived = new RangeSet();
  #asked: Range[] = [];
  #nextFetch = 0n;
  #byHand = false;
  #emptyAsked = false;

  constructor(size: bigint, fetch: SendFetch) {
    this.#size = size;
    this.#fetch = fetch;
  }

  /** A range that is asked for by hand, already known to be sensible. The caller sends the frame. */
  ask(start: bigint, end: bigint): void {
    this.#byHand = true;
    this.#asked.push([start, least(end, this.#size)]);
  }

  check(offset: bigint, bytes: number): string | null {
    const due = this.#asked[0];
    const end = offset + BigInt(bytes);
    if (due === undefined) return bytes === 0 ? null : `bytes at ${offset} came without being asked for`;
    if (offset !== due[0]) return `bytes at ${offset} came where ${due[0]} was due`;
    if (end > due[1]) return `bytes came past the range that ends at ${due[1]}`;
    if (end === due[1]) this.#asked.shift();
    else this.#asked[0] = [end, due[1]];
    this.#arrived.add(offset, end);
    return null;
  }

  taken(takenBytes: bigint): void {
    if (this.#byHand) return;
    if (this.#size === 0n && !this.#emptyAsked) {
      this.#emptyAsked = true;
      this.#fetch(0n, 0n);
    }
    while (this.#nextFetch < this.#size && this.#nextFetch + fetchPiece - takenBytes <= fetchAhead) {
      const start = this.#nextFetch;
      const end = least(start + fetchPiece, this.#size);
      this.#nextFetch = end;
      this.#asked.push([start, end]);
      this.#fetch(start, end);
    }
  }

  finish(): readonly Range[] | null {
    const holes = this.#arrived.holes(this.#size);
    return holes.length === 0 ? null : holes;
  }
}
