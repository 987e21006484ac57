import type { Random } from "camp-session/testing";

/** What talks: one end of a session as far as messages go. */
export interface Talker {
  readonly base: {
    SendUTF8(data: string): Promise<boolean>;
    SendBinary(data: Uint8Array): Promise<boolean>;
  };
}

/** Who listens at the other end. */
export interface Listener {
  on(event: "message-utf8", listener: (data: string) => void): unknown;
  on(event: "message-binary", listener: (data: Uint8Array) => void): unknown;
}

/** What became of the messages of one direction. */
export interface Tally {
  readonly sent: number;
  readonly acknowledged: number;
  /** Acknowledged, or never rejected, and yet not there. */
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** Rejected: their sender was told that nobody knows. */
  readonly unknown: number;
}

/** Messages under way at a time. */
const windowFrames = 64;

/** Numbered messages of one direction: sent as fast as they are acknowledged, and checked as they come. */
export class Conversation {
  readonly #random: Random;
  readonly #talker: Talker;
  /** A byte for each number, 1 once it came: an hour is more than 16 million messages, which no Set holds. */
  #arrived = new Uint8Array(1 << 10);
  #greatest = -1;
  #duplicated = 0;
  #reordered = 0;
  readonly #unknown = new Set<number>();
  #sent = 0;
  #acknowledged = 0;
  #running = true;

  constructor(random: Random, talker: Talker, listener: Listener) {
    this.#random = random;
    this.#talker = talker;
    listener.on("message-utf8", (data) => this.#arrive(data));
    listener.on("message-binary", (data) => this.#arrive(Buffer.from(data).toString("latin1", 0, 12)));
  }

  /** Talks until `stop`; resolves when every promise has settled. */
  async talk(): Promise<void> {
    const underWay = new Set<Promise<void>>();
    while (this.#running) {
      const sending = this.#send().finally(() => underWay.delete(sending));
      underWay.add(sending);
      if (underWay.size >= windowFrames) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  }

  stop(): void {
    this.#running = false;
  }

  tally(): Tally {
    let lost = 0;
    for (let number = 0; number < this.#sent; number++) {
      if (this.#arrived[number] !== 1 && !this.#unknown.has(number)) lost++;
    }
    return {
      ...{ sent: this.#sent, acknowledged: this.#acknowledged, lost },
      ...{ duplicated: this.#duplicated, reordered: this.#reordered, unknown: this.#unknown.size },
    };
  }

  async #send(): Promise<void> {
    const number = this.#sent++;
    const text = `${number}:${"x".repeat(this.#random.pick([0, 10, 100, 3000, 20_000]))}`;
    const { base } = this.#talker;
    try {
      await (this.#random.chance(0.3) ? base.SendBinary(Buffer.from(text)) : base.SendUTF8(text));
      this.#acknowledged++;
    } catch {
      this.#unknown.add(number);
    }
  }

  #arrive(text: string): void {
    if (text === "hello") return;
    const number = Number.parseInt(text, 10);
    if (number >= this.#arrived.length) this.#arrived = grown(this.#arrived);
    if (this.#arrived[number] === 1) this.#duplicated++;
    else if (number < this.#greatest) this.#reordered++;
    this.#arrived[number] = 1;
    this.#greatest = Math.max(this.#greatest, number);
  }
}

function grown(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
