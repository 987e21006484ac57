import type { Stree, StreeNode } from "state-tree";

/** What a picture needs of a tree. */
export type DrawnTree = Pick<Stree, "nodes" | "branches" | "onAdd">;

/** One row of a tree, as its nodes were added on it. */
export interface Row {
  readonly number: number;
  /** The column of its first node: its depth in the tree. */
  readonly start: number;
  /** The node that it branched from; null for the first row. */
  readonly parent: StreeNode | null;
  readonly nodes: StreeNode[];
}

/** The rows of a tree that grows, kept up to date by looking at new nodes only. */
export class Rows {
  readonly list: Row[] = [];
  readonly #tree: DrawnTree;
  #taken = 0;
  #editions = 0;

  constructor(tree: DrawnTree) {
    this.#tree = tree;
    this.update();
  }

  /** How often everything was laid out anew, because a row had been compacted. */
  get editions(): number {
    return this.#editions;
  }

  /** Takes in what was added since. */
  update(): void {
    this.#takeIn();
    // A row that was compacted ends in another node than it did.
    if (this.list.every((row) => row.nodes.at(-1) === this.#tree.branches[row.number])) return;
    this.list.length = 0;
    this.#taken = 0;
    this.#editions++;
    this.#takeIn();
  }

  /** The depth of a node in the tree, from 0, or -1 if it is not there any more. */
  columnOf(node: StreeNode): number {
    const row = this.list[node.row];
    if (row === undefined) return -1;
    const place = countUpTo(row, node.index) - 1;
    return row.nodes[place] === node ? row.start + place : -1;
  }

  #takeIn(): void {
    const { nodes } = this.#tree;
    for (; this.#taken < nodes.length; this.#taken++) {
      const node = nodes[this.#taken]!;
      if (node !== null) this.#rowOf(node).nodes.push(node);
    }
  }

  #rowOf(node: StreeNode): Row {
    const known = this.list[node.row];
    if (known !== undefined) return known;
    const { parent } = node;
    const row: Row = { number: node.row, start: parent === null ? 0 : this.columnOf(parent) + 1, parent, nodes: [] };
    this.list[node.row] = row;
    return row;
  }
}

/** How many nodes of the row were there when node `time` had been added. */
export function countUpTo({ nodes }: Row, time: number): number {
  if (nodes.length === 0 || nodes.at(-1)!.index <= time) return nodes.length;
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (nodes[middle]!.index <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
