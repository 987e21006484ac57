import { decode, encode, Feature } from "camp-protocol";
import { CloseCode, isFinalClose } from "camp-session";
import { fieldsOf, fromHex, type RecordedStep, type Step } from "session-recorder";
import { printable } from "state-tree";
import { type DialectName, dialects, type SentMessage } from "./dialect.js";
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
  readonly #dialect: DialectName;
  #fillerBytes = 0;

  /** @throws {ReplayError} for a row that cannot be replayed */
  constructor(steps: readonly RecordedStep[]) {
    const first = steps[0];
    if (first === undefined) throw new ReplayError("there is no such row, or nothing happened in it");
    this.#dialect = replayed(first.belief.dialect);
    if (this.#dialect === "cryo" && steps.some(isOfCale)) {
      throw new ReplayError("a session that CALE encrypts cannot be replayed: recordings have no keys");
    }
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
      ...{ dialect: this.#dialect, role },
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
    const { made, noFrame } = dialects[this.#dialect];
    const bye = this.#dialect === "camp" && frame.startsWith("bye ") ? frameOfLine(frame) : null;
    if (bye?.type === "bye") return encode({ ...bye, reason: this.#farewell(bye.reason) });
    return made(frame) ?? noFrame(bytes);
  }

  /** The message that leaves at a step. */
  message(index: number): SentMessage {
    const message = dialects[this.#dialect].message(this.frame(this.steps[index]!.step));
    if (message === null) throw new ReplayError(`step ${index} sends no message`);
    return message;
  }

  /** With what its application closed it, as far as the row tells. */
  get goodbye(): { readonly code: number; readonly reason: string } {
    const said = this.#said("bye");
    const bye = said === undefined || this.#dialect === "cryo" ? null : decode(this.frame(said));
    if (bye?.type === "bye") return { code: CloseCode.graceful, reason: bye.reason };
    const closed = this.steps.findLast(({ step }) => step.event === "closed");
    const { code = CloseCode.graceful, reason = "" } = closed?.step ?? {};
    // A connection that is lost meanwhile ends with a code with which nobody closes.
    return { code: code === CloseCode.abnormal ? CloseCode.graceful : code, reason };
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
    const line = this.#line("endpoint_info");
    return line === null ? 0n : BigInt(fieldsOf(line).features ?? 0);
  }

  get #windowMs(): number {
    const line = this.#line("resume_ticket");
    return line === null ? clientWindowMs : Number(fieldsOf(line).windowMs);
  }

  #line(type: string): string | null {
    return this.#said(type)?.frame ?? null;
  }

  /** The first frame of a type that this end sent. */
  #said(type: string): Step | undefined {
    return this.steps.find(({ step }) => step.direction === "out" && step.frame?.startsWith(`${type} `))?.step;
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

function replayed(dialect: string): DialectName {
  if (dialect === "camp" || dialect === "cryo") return dialect;
  throw new ReplayError(`a row of ${printable(JSON.stringify(dialect.slice(0, 40)))} cannot be replayed`);
}

/** Whether the end of a row shakes hands for encryption, or says that it is encrypted. */
function isOfCale({ step: { direction, frame = "", event } }: RecordedStep): boolean {
  return event === "secure" || (direction === "out" && /^(server_hello|client_hello) /.test(frame));
}
