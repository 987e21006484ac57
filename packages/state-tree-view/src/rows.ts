import type { Stree, StreeNode } from "state-tree";

/** What a picture needs of a tree. */
export type DrawnTree = Pick<Stree, "nodes" | "branches" | "onAdd">;

/** Which nodes take a place in a picture. */
export type IsWanted = (node: StreeNode) => boolean;

/** One row of a tree, as its nodes were added on it. */
export interface Row {
  readonly number: number;
  /** The column of its first node: its depth in the tree, not counting what takes no place. */
  readonly start: number;
  /** The node that it branched from, or the next above it that takes a place; null for the first row. */
  readonly parent: StreeNode | null;
  /** Those that take a place. */
  readonly nodes: StreeNode[];
}

const everyNode: IsWanted = () => true;

/** The rows of a tree that grows, kept up to date by looking at new nodes only. */
export class Rows {
  readonly list: Row[] = [];
  /** The nodes that take a place, in the order added. */
  readonly nodes: StreeNode[] = [];
  readonly #tree: DrawnTree;
  /** The last node of each row, whether it takes a place or not. */
  readonly #leaves: StreeNode[] = [];
  #isWanted: IsWanted;
  #taken = 0;
  #hidden = 0;
  #editions = 0;

  constructor(tree: DrawnTree, isWanted: IsWanted = everyNode) {
    this.#tree = tree;
    this.#isWanted = isWanted;
    this.update();
  }

  /** How often everything was laid out anew, because a row had been compacted. */
  get editions(): number {
    return this.#editions;
  }

  /** How many nodes take no place. */
  get hidden(): number {
    return this.#hidden;
  }

  /** Gives a place to these nodes only. */
  only(isWanted: IsWanted): void {
    this.#isWanted = isWanted;
    this.#takeAll();
  }

  /** Takes in what was added since. */
  update(): void {
    this.#takeIn();
    // A row that was compacted ends in another node than it did.
    if (this.#leaves.every((leaf, row) => leaf === this.#tree.branches[row])) return;
    this.#editions++;
    this.#takeAll();
  }

  /** Where a node lies: its depth in the tree, from 0, not counting what takes no place; -1 if it takes none, or is not there any more. */
  columnOf(node: StreeNode): number {
    const row = this.list[node.row];
    if (row === undefined) return -1;
    const place = countUpTo(row, node.index) - 1;
    return row.nodes[place] === node ? row.start + place : -1;
  }

  #takeAll(): void {
    this.list.length = 0;
    this.nodes.length = 0;
    this.#leaves.length = 0;
    this.#taken = 0;
    this.#hidden = 0;
    this.#takeIn();
  }

  #takeIn(): void {
    const { nodes } = this.#tree;
    for (; this.#taken < nodes.length; this.#taken++) {
      const node = nodes[this.#taken]!;
      if (node !== null) this.#take(node);
    }
  }

  #take(node: StreeNode): void {
    const row = this.#rowOf(node);
    this.#leaves[node.row] = node;
    if (!this.#isWanted(node)) {
      this.#hidden++;
      return;
    }
    row.nodes.push(node);
    this.nodes.push(node);
  }

  #rowOf(node: StreeNode): Row {
    const known = this.list[node.row];
    if (known !== undefined) return known;
    let { parent } = node;
    while (parent !== null && this.columnOf(parent) === -1) parent = parent.parent;
    const row: Row = { number: node.row, start: parent === null ? 0 : this.columnOf(parent) + 1, parent, nodes: [] };
    this.list[node.row] = row;
    return row;
  }
}

/** How many of these nodes, which are in the order added, were there when node `time` had been added. */
export function countUpTo({ nodes }: Pick<Row | Rows, "nodes">, time: number): number {
  if (nodes.length === 0 || nodes.at(-1)!.index <= time) return nodes.length;
  let [low, high] = [0, nodes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (nodes[middle]!.index <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
