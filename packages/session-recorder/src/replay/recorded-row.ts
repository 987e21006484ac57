import { decode, encode, Feature } from "camp-protocol";
import { isFinalClose } from "camp-session";
import { fieldsOf, fromHex, type RecordedStep, type Step } from "session-recorder";
import { frameOfLine } from "./frame-of-line.js";
import { ReplayError } from "./replay-error.js";
import type { SentStream } from "./replay-streams.js";
import type { StageOptions } from "./stage.js";

const clientWindowMs = 120_000;

/** What a replay makes up for content that was not recorded. */
const fillerBytesMax = 256 * 1024 * 1024;

/** A row of a recording as replays look at it. */
export class RecordedRow {
  readonly steps: readonly RecordedStep[];
  #fillerBytes = 0;

  /** @throws {ReplayError} for a row that cannot be replayed */
  constructor(steps: readonly RecordedStep[]) {
    const first = steps[0];
    if (first === undefined) throw new ReplayError("there is no such row, or nothing happened in it");
    if (first.belief.dialect !== "camp") throw new ReplayError(`a row of "${first.belief.dialect}" cannot be replayed`);
    if (first.step.event !== "attached" || first.belief.connections !== 1) {
      throw new ReplayError("the row does not begin with its first connection: it was folded, or recorded too late");
    }
    this.steps = steps;
  }

  /** What its session was, as far as the row tells. */
  options(payloads: boolean): StageOptions {
    const { role } = this.steps[0]!.belief;
    const resumes = (this.#features & Feature.resume) !== 0n;
    const windowMs = role === "server" ? this.#windowMs : clientWindowMs;
    return {
      role,
      reconnects: role === "client" && !this.#endsWithItsConnection,
      resumeWindowMs: resumes ? windowMs : null,
      payloads,
    };
  }

  /** The frame of a step, with filler where its content was not recorded. */
  frame({ frame = "", bytes = 0, hex }: Step): Uint8Array {
    if (hex !== undefined) return fromHex(hex);
    this.#fillerBytes += bytes;
    if (this.#fillerBytes > fillerBytesMax) throw new ReplayError("the row has too many bytes without their content");
    const made = frameOfLine(frame);
    if (made === null) return new Uint8Array(bytes);
    return encode(made.type === "bye" ? { ...made, reason: this.#farewell(made.reason) } : made);
  }

  /** The reason of a BYE is that of the end, which is recorded, if it has the length that its line tells. */
  #farewell(filler: string): string {
    const { reason = "" } = this.steps.at(-1)!.step;
    return new TextEncoder().encode(reason).byteLength === filler.length ? reason : filler;
  }

  /** The stream that begins at a step. */
  stream(index: number): SentStream {
    const start = decode(this.frame(this.steps[index]!.step));
    if (start.type !== "tx_start") throw new ReplayError(`step ${index} begins no stream`);
    const chunks: { offset: number; payload: Uint8Array }[] = [];
    let failed = false;
    for (const { step } of this.steps.slice(index + 1)) {
      const frame = step.direction === "out" && step.handler === "stream" ? decode(this.frame(step)) : null;
      if (frame === null || !("txId" in frame) || frame.txId !== start.txId) continue;
      if (frame.type === "tx_chunk") chunks.push({ offset: Number(frame.offset), payload: frame.payload });
      failed = frame.type === "tx_abort";
      // What is sent again after a cut begins again as well.
      if (failed || frame.type === "tx_finish" || (frame.type === "tx_start" && frame.ack !== start.ack)) break;
    }
    return {
      ...{ txId: start.txId, name: start.name, size: start.size < 0n ? null : start.size, chunks, failed },
      behaviour: start.behaviour === 0 ? "push" : "pull",
    };
  }

  /** What this end announced. */
  get #features(): bigint {
    const line = this.#line("out", "endpoint_info");
    return line === null ? 0n : BigInt(fieldsOf(line).features ?? 0);
  }

  get #windowMs(): number {
    const line = this.#line("out", "resume_ticket");
    return line === null ? clientWindowMs : Number(fieldsOf(line).windowMs);
  }

  #line(direction: "in" | "out", type: string): string | null {
    const found = this.steps.find(({ step }) => step.direction === direction && step.frame?.startsWith(`${type} `));
    return found?.step.frame ?? null;
  }

  /** Whether a cut was its end, although clients come back by default. */
  get #endsWithItsConnection(): boolean {
    const at = this.steps.findIndex(({ step }) => step.event === "closed");
    if (at < 1) return false;
    const { code = 1006, reason } = this.steps[at]!.step;
    const before = this.steps[at - 1]!.belief.state;
    return !isFinalClose(code) && before !== "disconnected" && before !== "closing" && reason !== "destroyed";
  }
}
