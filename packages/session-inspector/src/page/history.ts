import { type Recorded, RecordingReader } from "session-recorder";

/** What a page keeps at most, in nodes and in bytes of payload; beyond it the older half of the steps is folded. */
const nodesMax = 20_000;
const payloadBytesMax = 64 * 1024 * 1024;

/** What the page knows: the recording as far as it came. */
export class History {
  #recorded = new RecordingReader();
  #faults = 0;
  #foldedAt = nodesMax;

  /** When older steps are folded, another tree takes the place of its tree. */
  get recorded(): Recorded {
    return this.#recorded;
  }

  /** Lines that could not be read: they are as if they had not come. */
  get faults(): number {
    return this.#faults;
  }

  begin(): void {
    this.#recorded = new RecordingReader();
    this.#foldedAt = nodesMax;
  }

  add(line: string): void {
    try {
      this.#recorded.line(line);
    } catch {
      this.#faults++;
    }
    const { nodes, payloadBytes } = this.#recorded;
    if (nodes > this.#foldedAt || payloadBytes > payloadBytesMax) this.#fold();
  }

  #fold(): void {
    this.#recorded.fold();
    // Ends that live are not folded; where they are very many, folding for each step would take all the time.
    this.#foldedAt = Math.max(nodesMax, this.#recorded.nodes * 1.5);
  }
}
