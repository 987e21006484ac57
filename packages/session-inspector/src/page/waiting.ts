/** What waits at most: lines, and characters in them. */
const linesMax = 50_000;
const charactersMax = 32 * 1024 * 1024;

/** The lines that came while the page paused, as long as all of them are there. */
export class Waiting {
  #lines: string[] | null = [];
  #characters = 0;
  #lost = 0;

  /** Lines that came and were not kept. */
  get lost(): number {
    return this.#lost;
  }

  add(line: string): void {
    this.#characters += line.length;
    if (this.#lines !== null && this.#lines.length < linesMax && this.#characters <= charactersMax) {
      this.#lines.push(line);
    } else {
      this.giveUp();
      this.#lost++;
    }
  }

  /** Something is missing: what came after it makes no sense without it. */
  giveUp(): void {
    this.#lost += this.#lines?.length ?? 0;
    this.#lines = null;
  }

  /** Takes out what waits; null if it is not all that came. */
  take(): readonly string[] | null {
    const lines = this.#lines;
    this.#lines = [];
    this.#characters = 0;
    this.#lost = 0;
    return lines;
  }
}
