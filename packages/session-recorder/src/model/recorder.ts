import type { Stree } from "state-tree";
import { changesOf, hundredths, type Sight } from "./belief.js";
import { type EndEvent, EndRecorder, type EventDetails, eventStep } from "./end-recorder.js";
import type { Recorded } from "./recording.js";
import { RecordingTree, type Row } from "./recording-tree.js";
import type { Belief, NewStep, RowName, Step } from "./step.js";

/** How a recorder records. */
export interface RecorderOptions {
  /** Milliseconds on a scale that never runs backwards, such as `performance.now`. */
  readonly now: () => number;
  /** Whether frames are kept with their payloads, as far as they have at most 66 000 bytes. False by default. */
  readonly payloads?: boolean;
  /** Nodes that the tree has at most: an integer from 100, 20 000 by default. Beyond it the older half of the steps is folded. */
  readonly maxNodes?: number;
}

/** One step as it was recorded. */
export interface RecordedStep {
  readonly row: number;
  readonly step: Step;
  /** What the end believed at that point. */
  readonly belief: Belief;
}

/** What a recorder did so far. */
export interface RecorderSummary {
  /** Ends that it began to record. */
  readonly rows: number;
  /** Those that have not ended. */
  readonly openRows: number;
  /** Ends that it did not record, because as many as may be were open. */
  readonly unrecordedRows: number;
  readonly steps: number;
  /** Steps that were taken out again to bound the memory. */
  readonly foldedSteps: number;
  /** Ended rows of which nothing is left. */
  readonly forgottenRows: number;
  readonly nodes: number;
  readonly maxNodes: number;
  /** Bytes of payload that are kept. */
  readonly payloadBytes: number;
  /** Requests that a server refused. */
  readonly refused: number;
  readonly payloads: boolean;
}

/** A tree with so many nodes of which all are ends gets no further ones. */
const openShare = 0.5;
/** What is kept of payloads; more, and the older half of the steps is folded. */
const payloadBytesMax = 64 * 1024 * 1024;
/** Names that others chose are kept to this length. */
const nameMax = 40;
const processRow: RowName = { row: 0, role: "server", dialect: "process", session: "-" };

/**
 * Records ends of sessions into a state tree, each in a row of its own. Row 0 is of the process: what was refused, and errors
 * of no session. It does nothing by itself: `recordSessions` of `session-recorder/node` feeds it from a living process,
 * `watch` from anything else. Its memory is bounded by `maxNodes`.
 */
export class Recorder implements Recorded {
  readonly #now: () => number;
  readonly #startMs: number;
  readonly #maxNodes: number;
  /** Whether frames are kept with their payloads. */
  readonly payloads: boolean;
  readonly #tree = new RecordingTree();
  readonly #stepListeners = new Set<(recorded: RecordedStep) => void>();
  readonly #foldListeners = new Set<() => void>();
  #rows = 0;
  #openRows = 0;
  #unrecordedRows = 0;
  #steps = 0;
  #foldedSteps = 0;
  #forgottenRows = 0;
  #refused = 0;

  /** @throws {RangeError} for a `maxNodes` that is no integer from 100 */
  constructor({ now, payloads = false, maxNodes = 20_000 }: RecorderOptions) {
    if (!(Number.isInteger(maxNodes) && maxNodes >= 100)) throw new RangeError("maxNodes must be an integer from 100");
    this.#now = now;
    this.#startMs = now();
    this.payloads = payloads;
    this.#maxNodes = maxNodes;
    this.#tree.begin(processRow, 0);
  }

  /** The tree as it is now. When it folds, another takes its place: see `onFold`. */
  get tree(): Stree<Belief> {
    return this.#tree.tree;
  }

  /** The rows, by their numbers. */
  get rows(): ReadonlyMap<number, Row> {
    return this.#tree.rows;
  }

  get summary(): RecorderSummary {
    return {
      rows: this.#rows,
      openRows: this.#openRows,
      unrecordedRows: this.#unrecordedRows,
      steps: this.#steps,
      foldedSteps: this.#foldedSteps,
      forgottenRows: this.#forgottenRows,
      nodes: this.#tree.nodes,
      maxNodes: this.#maxNodes,
      payloadBytes: this.#tree.payloadBytes,
      refused: this.#refused,
      payloads: this.payloads,
    };
  }

  /** The steps of a row that are still kept, in order; none for a row that there is not. */
  steps(row: number): RecordedStep[] {
    return this.#tree.steps(row).map((node) => ({ row, step: node.value as Step, belief: node.residue() }));
  }

  /**
   * Calls `listener` with each step from now on, after it was recorded and while its session waits: it must be quick and not throw.
   * Returns what ends that.
   */
  onStep(listener: (recorded: RecordedStep) => void): () => void {
    return subscribed(this.#stepListeners, listener);
  }

  /** Calls `listener` each time that older steps were folded. Returns what ends that. */
  onFold(listener: () => void): () => void {
    return subscribed(this.#foldListeners, listener);
  }

  /**
   * Begins a row for an end, which is looked at each time something happens to it. Null if too many are open: it is counted as
   * `unrecordedRows`.
   *
   * @param id of its session; of which the last four digits are kept
   */
  watch(end: Sight & Pick<RowName, "role" | "dialect">, id: bigint | string): EndRecorder | null {
    if (this.#openRows >= this.#maxNodes * openShare) {
      this.#unrecordedRows++;
      return null;
    }
    const row = ++this.#rows;
    this.#openRows++;
    this.#makeRoom();
    const { role, dialect } = end;
    this.#tree.begin(
      { row, role, dialect: dialect.slice(0, nameMax), session: `…${String(id).slice(-4)}` },
      this.#atMs(),
    );
    return new EndRecorder(this.payloads, (event, connections) => {
      const changed = changesOf(this.#tree.belief(row), end, connections);
      this.#add(row, changed === undefined ? event : { ...event, changed });
      if (event.event === "closed") this.#openRows--;
    });
  }

  /** A request was refused, or something failed that belongs to no session. */
  happened(event: EndEvent, details: EventDetails = {}): void {
    if (event === "refused") this.#refused++;
    this.#add(processRow.row, eventStep(event, details));
  }

  #add(row: number, event: NewStep): void {
    this.#makeRoom();
    const step: Step = { ...event, number: this.#steps++, atMs: this.#atMs() };
    const node = this.#tree.add(row, step);
    if (this.#stepListeners.size === 0) return;
    const recorded = { row, step, belief: node.residue() };
    for (const listener of this.#stepListeners) listener(recorded);
  }

  #atMs(): number {
    return hundredths(this.#now() - this.#startMs);
  }

  /** Folds the older half of what may be kept, so that it is done seldom. */
  #makeRoom(): void {
    const full = this.#tree.nodes >= this.#maxNodes;
    if (!full && this.#tree.payloadBytes <= payloadBytesMax) return;
    const kept = this.#keptFrom();
    this.#forgottenRows += this.#tree.fold(kept).length;
    this.#foldedSteps = kept;
    for (const listener of this.#foldListeners) listener();
  }

  /** The number of the first step that is kept when the older half goes. */
  #keptFrom(): number {
    const there = this.#steps - this.#foldedSteps;
    return this.#steps - Math.floor(there / 2);
  }
}

function subscribed<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
