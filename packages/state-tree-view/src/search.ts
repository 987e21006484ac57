import type { StreeNode } from "state-tree";
import { describe } from "./describe.js";

/** Nodes that are looked at between two looks at the clock. */
const nodesAtOnce = 64;

/**
 * Which rows hold a text. A tree may have very many nodes, so it is searched in slices, each as long as the caller allows, and
 * goes on with nodes that were added meanwhile.
 */
export class Search {
  readonly text: string;
  /** The first node that matched in each row, by row. */
  readonly #found = new Map<number, number>();
  /** What was found of values: a search that begins again need not look at them again. */
  #known = new WeakMap<object, boolean>();
  #next = 0;

  constructor(text: string) {
    this.text = text.trim().toLowerCase();
  }

  /** The same for other nodes, in which the same values may stand. */
  again(): Search {
    const search = new Search(this.text);
    search.#known = this.#known;
    return search;
  }

  /** Whether everything matches. */
  get isEmpty(): boolean {
    return this.text === "";
  }

  matches({ value }: StreeNode): boolean {
    if (this.isEmpty) return true;
    if (typeof value !== "object" || value === null) return this.#isIn(value);
    let matches = this.#known.get(value);
    if (matches === undefined) {
      matches = this.#isIn(value);
      this.#known.set(value, matches);
    }
    return matches;
  }

  /** Whether the row has a match among the nodes up to `time`. */
  hasRow(row: number, time: number): boolean {
    const found = this.#found.get(row);
    return this.isEmpty || (found !== undefined && found <= time);
  }

  /** Looks at nodes until all were or `isOver` says stop. Returns whether all were. */
  goOn(nodes: readonly (StreeNode | null)[], isOver: () => boolean): boolean {
    if (this.isEmpty) return true;
    while (this.#next < nodes.length) {
      const end = Math.min(this.#next + nodesAtOnce, nodes.length);
      for (; this.#next < end; this.#next++) this.#look(nodes[this.#next]!);
      if (isOver()) break;
    }
    return this.#next >= nodes.length;
  }

  #isIn(value: unknown): boolean {
    const { kind, text } = describe(value);
    return `${kind} ${text}`.toLowerCase().includes(this.text);
  }

  #look(node: StreeNode | null): void {
    if (node !== null && !this.#found.has(node.row) && this.matches(node)) this.#found.set(node.row, node.index);
  }
}
