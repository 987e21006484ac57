import { styleText } from "node:util";

/** Where the demo prints to: a terminal, or anything else that takes lines. */
export interface Output {
  readonly isTTY: boolean;
  readonly hasColors: boolean;
  write(text: string): void;
}

const barWidth = 32;
const labelWidth = 22;
/** A terminal is redrawn at most this often; lines for a log come at each quarter. */
const redrawEveryMs = 50;
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** One step of the demo as it goes on: a bar on a terminal, a few plain lines elsewhere. */
export class Progress {
  readonly #output: Output;
  readonly #label: string;
  readonly #total: number;
  readonly #format: (amount: number) => string;
  #printedQuarters = 0;
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  #isFinished = false;

  constructor(output: Output, label: string, total: number, format: (amount: number) => string) {
    this.#output = output;
    this.#label = label;
    this.#total = total;
    this.#format = format;
  }

  update(done: number): void {
    if (this.#isFinished) return;
    if (done >= this.#total) this.#isFinished = true;
    if (this.#output.isTTY) this.#redraw(done);
    else this.#printQuarters(done);
  }

  /** Leaves a half drawn bar behind on a line of its own. */
  abandon(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    if (this.#output.isTTY && this.#drawnAtMs !== Number.NEGATIVE_INFINITY) this.#output.write("\n");
  }

  #redraw(done: number): void {
    const nowMs = performance.now();
    if (!this.#isFinished && nowMs - this.#drawnAtMs < redrawEveryMs) return;
    this.#drawnAtMs = nowMs;
    const drawn = bar(done / this.#total);
    const painted = this.#output.hasColors ? styleText("green", drawn) : drawn;
    const line = `  ${this.#label.padEnd(labelWidth)} ${painted} ${this.#figures(done)}`;
    this.#output.write(`\r${line}\u001b[K${this.#isFinished ? "\n" : ""}`);
  }

  #printQuarters(done: number): void {
    const quarters = Math.floor((4 * done) / this.#total);
    if (quarters <= this.#printedQuarters) return;
    this.#printedQuarters = quarters;
    this.#output.write(`  ${this.#label.padEnd(labelWidth)} ${this.#figures(done)}\n`);
  }

  #figures(done: number): string {
    const percent = `${Math.floor((100 * done) / this.#total)}`.padStart(3);
    return `${percent} %   ${this.#format(done)} of ${this.#format(this.#total)}`;
  }
}

/** A bar of constant width that grows by eighths of a character. */
export function bar(share: number): string {
  const units = Math.round(Math.min(1, Math.max(0, share)) * barWidth * 8);
  const filled = "█".repeat(units >> 3) + eighths[units & 7]!;
  return filled.padEnd(barWidth, "·");
}
