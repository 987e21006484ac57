import { fieldsOf, type RecordedStep } from "session-recorder";

/**
 * When the application sent its messages. A message that leaves at once is seen as a frame; one that waits is seen as a longer
 * queue, and leaves later. What a session sends again after a cut was sent before. Dropped messages were never seen.
 */
export class SentMessages {
  /** The steps at which messages leave for the first time, in order. */
  readonly #departures: number[] = [];
  /** How many had been sent by each step. */
  readonly #sent: number[] = [];
  #lastAck = -1;
  /** Messages that wait to be sent again under new numbers. */
  #again = 0;
  #queued = 0;

  constructor(steps: readonly RecordedStep[]) {
    for (const [index, recorded] of steps.entries()) this.#look(steps, index, recorded);
  }

  /** The steps at which the messages leave that were sent right before this step. */
  before(index: number): readonly number[] {
    return this.#departures.slice(this.#sent[index - 1] ?? 0, this.#sent[index]);
  }

  #look(steps: readonly RecordedStep[], index: number, { step, belief }: RecordedStep): void {
    const { queuedFrames } = belief;
    if (step.event === "attached" && !resumes(steps, index)) this.#lastAck = -1;
    if (step.event === "disconnected") this.#again += Math.max(0, queuedFrames - this.#queued);
    if (step.event === "closed") this.#again = queuedFrames;
    if (step.handler === "send") this.#left(index, Number(fieldsOf(step.frame ?? "").ack));
    this.#queued = queuedFrames;
    const sent = this.#departures.length + Math.max(0, queuedFrames - this.#again);
    this.#sent.push(Math.max(sent, this.#sent.at(-1) ?? 0));
  }

  #left(index: number, ack: number): void {
    if (ack <= this.#lastAck) return;
    this.#lastAck = ack;
    if (this.#again > 0) this.#again--;
    else this.#departures.push(index);
  }
}

/** Whether the connection that begins at a step is one with which the session goes on. */
function resumes(steps: readonly RecordedStep[], index: number): boolean {
  const next = steps.slice(index + 1).find(({ step }) => step.event !== undefined);
  return next?.step.event === "resumed";
}
