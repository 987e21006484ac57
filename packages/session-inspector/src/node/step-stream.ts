import type { ServerResponse } from "node:http";
import { linesOf, type RecordedStep, type Recorder } from "session-recorder";

/** Between two writes, in milliseconds. */
const writeMs = 50;
const figuresMs = 1000;
/** What may wait for a page: beyond it steps are left out. */
const waitingLinesMax = 20_000;
const waitingBytesMax = 4 * 1024 * 1024;

/**
 * A recording as it goes on, for one page: what is there, then each step, in the lines of recordings. A page that does not keep
 * up is not waited for: it is told how many steps it missed, and goes on from what each row has come to by then.
 */
export class StepStream {
  readonly #recorder: Recorder;
  readonly #response: ServerResponse;
  readonly #known = new Set<number>();
  #waiting: string[] = [];
  #missed = 0;

  constructor(recorder: Recorder, response: ServerResponse) {
    this.#recorder = recorder;
    this.#response = response;
  }

  begin(): void {
    this.#waiting = [...linesOf(this.#recorder)];
    for (const row of this.#recorder.rows.keys()) this.#known.add(row);
    const stop = this.#recorder.onStep((recorded) => this.#add(recorded));
    const writing = setInterval(() => this.#write(), writeMs);
    const telling = setInterval(() => this.#tell("figures", { ...this.#recorder.summary }), figuresMs);
    this.#tell("figures", { ...this.#recorder.summary });
    this.#write();
    this.#response.on("close", () => {
      stop();
      clearInterval(writing);
      clearInterval(telling);
    });
  }

  #add({ row, step }: RecordedStep): void {
    if (this.#missed > 0 || this.#waiting.length >= waitingLinesMax) {
      this.#missed++;
      return;
    }
    if (!this.#known.has(row)) {
      this.#known.add(row);
      const { role, dialect, session, atMs } = this.#recorder.rows.get(row)!;
      this.#waiting.push(JSON.stringify({ handler: "row", row, role, dialect, session, atMs }));
    }
    this.#waiting.push(JSON.stringify({ row, ...step }));
  }

  #write(): void {
    if (this.#response.writableLength > waitingBytesMax) return;
    if (this.#missed > 0) this.#beginAnew();
    if (this.#waiting.length === 0) return;
    this.#response.write(`${this.#waiting.join("\n")}\n`);
    this.#waiting = [];
  }

  /** What has been missed cannot be made up for; what the rows have come to can be told. */
  #beginAnew(): void {
    const { rows, payloads } = this.#recorder;
    this.#tell("missed", { steps: this.#missed + this.#waiting.length });
    const [said] = this.#waiting.splice(-1);
    this.#waiting = [said!, JSON.stringify({ recording: 1, payloads })];
    this.#missed = 0;
    this.#known.clear();
    for (const { row, role, dialect, session, atMs, ended, leaf } of rows.values()) {
      if (ended) continue;
      const belief = leaf.residue();
      this.#known.add(row);
      this.#waiting.push(
        JSON.stringify({ handler: "row", row, role, dialect, session, atMs, belief, folded: belief.steps }),
      );
    }
  }

  #tell(what: string, details: object): void {
    this.#waiting.push(JSON.stringify({ inspector: what, ...details }));
  }
}
