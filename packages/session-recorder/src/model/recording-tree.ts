import { Residue, type Stree, type StreeNode, stree } from "state-tree";
import { believe } from "./belief.js";
import type { Belief, RowHead, RowName, Step } from "./step.js";

/** One row of the tree as it stands. */
export interface Row extends RowName {
  readonly atMs: number;
  /** The last node. */
  readonly leaf: StreeNode<Belief>;
  /** Whether its session has ended. */
  readonly ended: boolean;
  /** Steps before the first one that is still kept. */
  readonly folded: number;
}

type LiveRow = { -readonly [Key in keyof Row]: Row[Key] };

/** The value of the root. */
export const rootValue = Object.freeze({ name: "recording" });

/**
 * The tree of a recording: under its root a row for each end, whose nodes are its steps. When it has too many nodes it folds: the
 * older half of all steps is taken out, what they came to stays as the residue that each row goes on from, and ended rows of
 * which nothing is left are gone.
 */
export class RecordingTree {
  readonly #rows = new Map<number, LiveRow>();
  /** While it folds: what each of its steps came to. */
  #known: ReadonlyMap<unknown, Belief> | null = null;
  #tree: Stree<Belief> = this.#newTree();
  #payloadBytes = 0;

  get tree(): Stree<Belief> {
    return this.#tree;
  }

  get rows(): ReadonlyMap<number, Row> {
    return this.#rows;
  }

  get nodes(): number {
    return this.#tree.nodes.length;
  }

  /** Bytes of payload in the steps that are kept. */
  get payloadBytes(): number {
    return this.#payloadBytes;
  }

  begin(name: RowName, atMs: number): void {
    const { row, role, dialect, session } = name;
    const head: RowHead = { handler: "row", row, role, dialect, session, atMs };
    const leaf = this.#tree.add(head, this.#tree.root!);
    this.#rows.set(row, { row, role, dialect, session, atMs, leaf, ended: false, folded: 0 });
  }

  /** Begins a row of which only what its older steps came to is left. */
  goOn(row: Omit<Row, "leaf">, belief: Belief): void {
    const leaf = this.#tree.add(new Residue(belief), this.#tree.root!);
    this.#rows.set(row.row, { ...row, leaf });
  }

  add(row: number, step: Step): StreeNode<Belief> {
    const known = this.#rows.get(row)!;
    known.leaf = this.#tree.add(step, known.leaf);
    this.#payloadBytes += payloadOf(step);
    if (step.event === "closed") known.ended = true;
    return known.leaf;
  }

  belief(row: number): Belief {
    return this.#rows.get(row)!.leaf.residue();
  }

  /** The nodes of the steps of a row that are still kept, in order. */
  steps(row: number): StreeNode<Belief>[] {
    const known = this.#rows.get(row);
    return known === undefined ? [] : known.leaf.nodePath().filter((node) => isStep(node.value));
  }

  /** Keeps the steps from this number on, in their order. Returns the rows of which nothing is left. */
  fold(from: number): number[] {
    const kept: StreeNode<Belief>[] = [];
    const gone: number[] = [];
    const starts = new Map<LiveRow, Belief>();
    for (const [number, row] of this.#rows) {
      const steps = this.steps(number);
      const left = steps.filter(({ value }) => (value as Step).number >= from);
      for (const node of left) kept.push(node);
      row.folded += steps.length - left.length;
      if (left.length === 0 && row.ended) gone.push(number);
      else starts.set(row, (left[0]?.parent ?? row.leaf).residue());
    }
    for (const number of gone) this.#rows.delete(number);
    kept.sort((left, right) => left.index - right.index);
    this.#begin(starts, kept);
    return gone;
  }

  /** A new tree of these rows and steps, which are known to come to what they came to before. */
  #begin(starts: ReadonlyMap<LiveRow, Belief>, steps: readonly StreeNode<Belief>[]): void {
    this.#known = new Map(steps.map((node) => [node.value, node.residue()]));
    this.#payloadBytes = steps.reduce((bytes, { value }) => bytes + payloadOf(value as Step), 0);
    this.#tree = this.#newTree();
    for (const [row, belief] of starts) row.leaf = this.#tree.add(new Residue(belief), this.#tree.root!);
    for (const [value, { row }] of this.#known) {
      const known = this.#rows.get(row)!;
      known.leaf = this.#tree.add(value, known.leaf);
    }
    this.#known = null;
  }

  #newTree(): Stree<Belief> {
    return stree<Belief>(rootValue, (before, value) => this.#known?.get(value) ?? believe(before, value));
  }
}

/** Whether the value of a node is a step, not the beginning of a row. */
export function isStep(value: unknown): value is Step {
  return typeof value === "object" && value !== null && "number" in value;
}

function payloadOf({ hex }: Step): number {
  return (hex?.length ?? 0) / 2;
}
