import { CALE_OVERHEAD_BYTES, isTakenForPlain } from "cryo-protocol";
import type { CaleLimits } from "./cale-config.js";
import type { AsyncCaleCipher, SyncCaleCipher } from "./cale-crypto.js";
import type { FrameParts } from "./join.js";
import { counterGapMax, counterWindow, joinedRecordBytesMax, oldRecordsMax, sealsInFlightMax } from "./limits.js";

/** How much of a key's life is used up in one direction. */
export class KeyUse {
  readonly #limits: CaleLimits;
  #records = 0;
  #bytes = 0;

  constructor(limits: CaleLimits) {
    this.#limits = limits;
  }

  get records(): number {
    return this.#records;
  }

  add(bytes: number): void {
    this.#records++;
    this.#bytes += bytes;
  }

  /** It is time for fresh keys. */
  get worn(): boolean {
    return this.#records >= this.#limits.renewRecords || this.#bytes >= this.#limits.renewBytes;
  }

  /** Not one record more. */
  get spent(): boolean {
    return this.#records >= this.#limits.recordsMax || this.#bytes >= this.#limits.bytesMax;
  }
}

/**
 * The counters of the records that leave. Deployed receivers look at byte 20 to tell records from plain frames and misread
 * those in which it is at most 7; such a record is discarded and its frame sealed again under the next counter, 31 times at
 * most (cryo-v1.md section 4). A counter leaves once at most, and never after a greater one.
 */
export class RecordSealer {
  readonly use: KeyUse;
  #counter = 0;
  #discardedInRow = 0;

  constructor(limits: CaleLimits) {
    this.use = new KeyUse(limits);
  }

  sealNow(cipher: SyncCaleCipher, plain: Uint8Array): FrameParts {
    const recordBytes = plain.byteLength + CALE_OVERHEAD_BYTES;
    for (;;) {
      const parts = recordBytes > joinedRecordBytesMax ? cipher.sealParts?.(this.#counter, plain) : undefined;
      const record = parts ?? { bytes: cipher.seal(this.#counter, plain) };
      if (this.#count(record.bytes, recordBytes)) return record;
    }
  }

  /**
   * Seals the first of these frames side by side. Gives the records that may leave, in order, maybe none: what follows a
   * discarded one moves up by a counter and must be sealed again.
   */
  async sealSome(cipher: AsyncCaleCipher, plain: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const sealed = plain.slice(0, sealsInFlightMax).map((frame, index) => cipher.seal(this.#counter + index, frame));
    const records = await Promise.all(sealed);
    const end = records.findIndex((record) => !this.#count(record, record.byteLength));
    return end < 0 ? records : records.slice(0, end);
  }

  /** Uses up the counter of a record; whether the record may leave. */
  #count(begin: Uint8Array, recordBytes: number): boolean {
    this.#counter++;
    this.use.add(recordBytes);
    const discarded = isTakenForPlain(begin) && this.#discardedInRow < counterGapMax - 1;
    this.#discardedInRow = discarded ? this.#discardedInRow + 1 : 0;
    return !discarded;
  }
}

/** What a counter says of its record: to be taken, to be dropped, or a reason to end the connection. */
export type Verdict = "fresh" | "old" | "refused";

/** Judges the counters of records that authenticated. */
export interface CounterRule {
  judge(counter: number): Verdict;
}

/**
 * Each counter once, within a sliding window: deployed senders encrypt before their queue, so that theirs come out of order
 * and with gaps. Of those that are older than the window a few are forgiven.
 */
export class CounterWindow implements CounterRule {
  /** One bit for each counter of the window, at its place modulo the window's size. */
  readonly #seen = new Uint32Array(counterWindow / 32);
  #highest = -1;
  #old = 0;

  judge(counter: number): Verdict {
    if (counter > this.#highest) this.#slideTo(counter);
    else if (this.#highest - counter >= counterWindow) {
      this.#old++;
      return this.#old > oldRecordsMax ? "refused" : "old";
    } else if (this.#has(counter)) return "refused";
    this.#seen[this.#word(counter)]! |= 1 << (counter & 31);
    return "fresh";
  }

  /** What enters the window was not seen yet. */
  #slideTo(counter: number): void {
    const entered = counter - this.#highest;
    if (entered >= counterWindow) this.#seen.fill(0);
    else {
      for (let next = this.#highest + 1; next <= counter; next++) this.#seen[this.#word(next)]! &= ~(1 << (next & 31));
    }
    this.#highest = counter;
  }

  #has(counter: number): boolean {
    return (this.#seen[this.#word(counter)]! & (1 << (counter & 31))) !== 0;
  }

  #word(counter: number): number {
    return (counter % counterWindow) >>> 5;
  }
}

/** Ever greater counters, as senders of ours have them. */
export class StrictCounters implements CounterRule {
  #last = -1;

  judge(counter: number): Verdict {
    const gap = counter - this.#last;
    if (gap < 1 || gap > counterGapMax) return "refused";
    this.#last = counter;
    return "fresh";
  }
}
