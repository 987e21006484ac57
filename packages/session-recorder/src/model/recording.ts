import { Residue, type Stree } from "state-tree";
import { expectFields, headerFields, type RowLine, rowFields, type StepLine, stepFields } from "./fields.js";
import type { RecordedStep } from "./recorder.js";
import { RecordingError } from "./recording-error.js";
import { isStep, RecordingTree, type Row } from "./recording-tree.js";
import type { Belief, RowHead, Step } from "./step.js";

/** The version of the lines that are written here. */
export const recordingVersion = 1;

/** No line is longer: a frame of 66 000 bytes in hex, and what is said of it. */
const lineMax = 140_000;

/** What was recorded: of a `Recorder` as it goes on, of a `Recording` for good. */
export interface Recorded {
  readonly tree: Stree<Belief>;
  readonly rows: ReadonlyMap<number, Row>;
  readonly payloads: boolean;
  steps(row: number): RecordedStep[];
}

/** A recording that was read again. */
export class Recording implements Recorded {
  readonly payloads: boolean;
  readonly #tree: RecordingTree;

  private constructor(tree: RecordingTree, payloads: boolean) {
    this.#tree = tree;
    this.payloads = payloads;
  }

  /**
   * Reads the lines of a recording, given one by one or as one text. Nothing in them is run.
   *
   * @throws {RecordingError}
   */
  static read(lines: Iterable<string> | string): Recording {
    const reader = new RecordingReader();
    for (const line of typeof lines === "string" ? lines.split("\n") : lines) reader.line(line);
    const { tree, payloads } = reader.end();
    return new Recording(tree, payloads);
  }

  get tree(): Stree<Belief> {
    return this.#tree.tree;
  }

  get rows(): ReadonlyMap<number, Row> {
    return this.#tree.rows;
  }

  /** The steps of a row in order; none for a row that there is not. */
  steps(row: number): RecordedStep[] {
    return stepsOf(this.#tree, row);
  }
}

function stepsOf(tree: RecordingTree, row: number): RecordedStep[] {
  return tree.steps(row).map((node) => ({ row, step: node.value as Step, belief: node.residue() }));
}

/** The lines of a recording, without line breaks, in the order of the tree's nodes; `Recording.read` is the inverse. */
export function* linesOf({ tree, rows, payloads }: Recorded): Generator<string> {
  yield JSON.stringify({ recording: recordingVersion, payloads });
  for (const node of tree.nodes.slice(1)) {
    if (node === null) continue;
    const { value } = node;
    const { row } = node.residue();
    if (isStep(value)) yield JSON.stringify({ row, ...value } satisfies StepLine);
    else if (value instanceof Residue) yield JSON.stringify(goneOn(rows.get(row)!, value.value as Belief));
    else yield JSON.stringify(value as RowHead);
  }
}

/** The line of a row whose older steps were folded. */
function goneOn({ row, role, dialect, session, atMs, folded }: Row, belief: Belief): RowLine {
  return { handler: "row", row, role, dialect, session, atMs, belief, folded };
}

/** Reads a recording that may still go on, line by line, each checked against those before it. */
export class RecordingReader implements Recorded {
  readonly #tree = new RecordingTree();
  #number = 0;
  #payloads: boolean | null = null;
  #last = -1;

  get tree(): Stree<Belief> {
    return this.#tree.tree;
  }

  get rows(): ReadonlyMap<number, Row> {
    return this.#tree.rows;
  }

  get payloads(): boolean {
    return this.#payloads === true;
  }

  /** Nodes of the tree, so that whoever reads on and on knows when to fold. */
  get nodes(): number {
    return this.#tree.nodes;
  }

  /** Bytes of payload in the steps that are there, for the same. */
  get payloadBytes(): number {
    return this.#tree.payloadBytes;
  }

  steps(row: number): RecordedStep[] {
    return stepsOf(this.#tree, row);
  }

  /** Takes out the older half of the steps that are there: what they came to stays. Another tree takes the place of `tree`. */
  fold(): void {
    const numbers = [...this.rows.keys()].flatMap((row) => this.steps(row).map(({ step }) => step.number));
    numbers.sort((left, right) => left - right);
    if (numbers.length > 1) this.#tree.fold(numbers[numbers.length >> 1]!);
  }

  /** @throws {RecordingError} which names line and field; the line is then as if it had not been there */
  line(text: string): void {
    this.#number++;
    if (text.length > lineMax) this.#fail("TOO_LARGE", `has ${text.length} characters, more than ${lineMax}`);
    if (text.trim() === "") return;
    const value = this.#parsed(text);
    if (this.#payloads === null) this.#header(value);
    else if ((value as { handler?: unknown } | null)?.handler === "row") this.#row(value);
    else this.#step(value);
  }

  /** @throws {RecordingError} if there was no line */
  end(): { readonly tree: RecordingTree; readonly payloads: boolean } {
    if (this.#payloads === null) throw new RecordingError("NOT_A_RECORDING", null, null, "there is no line");
    return { tree: this.#tree, payloads: this.#payloads };
  }

  #parsed(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      // What the engine says quotes the text.
      return this.#fail(this.#payloads === null ? "NOT_A_RECORDING" : "NOT_JSON", "is not JSON");
    }
  }

  #header(value: unknown): void {
    const version =
      typeof value === "object" && value !== null ? (value as { recording?: unknown }).recording : undefined;
    if (typeof version === "number" && version !== recordingVersion) {
      this.#fail("VERSION", `is of version ${version}, and this package reads ${recordingVersion}`, "recording");
    }
    expectFields(value, headerFields, this.#number, "NOT_A_RECORDING");
    this.#payloads = (value as { payloads: boolean }).payloads;
  }

  #row(value: unknown): void {
    expectFields(value, rowFields, this.#number);
    const line = value as RowLine;
    if (this.#tree.rows.has(line.row)) this.#fail("BAD_ORDER", "began before", "row");
    if (line.belief !== undefined && line.belief.row !== line.row)
      this.#fail("BAD_FIELD", "is of another row", "belief");
    const { row, role, dialect, session, atMs, belief, folded = 0 } = line;
    if (belief === undefined) this.#tree.begin({ row, role, dialect, session }, atMs);
    else this.#tree.goOn({ row, role, dialect, session, atMs, ended: false, folded }, belief);
  }

  #step(value: unknown): void {
    expectFields(value, stepFields, this.#number);
    const { row, ...step } = value as StepLine;
    const known = this.#tree.rows.get(row);
    if (known === undefined) this.#fail("BAD_ORDER", "did not begin", "row");
    if (known.ended) this.#fail("BAD_ORDER", "has ended", "row");
    if (step.number <= this.#last) this.#fail("BAD_ORDER", `does not come after ${this.#last}`, "number");
    if ((step.frame === undefined) !== (step.direction === undefined)) {
      this.#fail("BAD_FIELD", "stands with a frame, and only there", "direction");
    }
    if ((step.frame === undefined) === (step.event === undefined)) {
      this.#fail("BAD_FIELD", "a step is either a frame or an event", "frame");
    }
    this.#last = step.number;
    this.#tree.add(row, step);
  }

  #fail(code: RecordingError["code"], fault: string, field: string | null = null): never {
    throw new RecordingError(code, this.#number, field, fault);
  }
}
