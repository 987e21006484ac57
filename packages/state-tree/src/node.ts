import type { Stree } from "./tree.js";

/** A node, a number of one (from 0, in the order added), a row as its negative (`-1` is the leaf of row 1), or `Infinity`, the leaf of row 0. */
export type NodeRef<R = unknown> = StreeNode<R> | number;

/** One value of a tree and its place there. */
export interface StreeNode<R = unknown> {
  /** What was added; its plain parts are frozen. */
  readonly value: unknown;
  /** The node above; null for the root. */
  readonly parent: StreeNode<R> | null;
  /** Its place in `tree.nodes`. */
  readonly index: number;
  /** The row that it was added on; `tree.branches[row]` is the leaf of that row. */
  readonly row: number;
  /** What the values on the path from the root to here come to. */
  residue(): R;
  /** The path from the root to here. */
  nodePath(): StreeNode<R>[];
  /** Adds a value under this node. */
  add(value: unknown): StreeNode<R>;
  /** Adds values under this node, one under the other. */
  addAll(values: readonly unknown[]): StreeNode<R>;
  /** Adds a value under the leaf of this node's row. */
  addLeaf(value: unknown): StreeNode<R>;
  /** Adds values under the leaf of this node's row, one under the other. */
  addLeafs(values: readonly unknown[]): StreeNode<R>;
  /** The leaf of this node's row. */
  getLeaf(): StreeNode<R>;
}

/** Where in its tree a node is. */
export interface Place<R> {
  readonly parent: TreeNode<R> | null;
  readonly index: number;
  readonly row: number;
}

type Keeper<R> = Pick<Stree<R>, "add" | "addAll" | "addLeaf" | "addLeafs" | "getLeaf" | "nodePath" | "residue">;

/** A node as its tree sees it. Trees have very many: it has no more fields than it needs. */
export class TreeNode<R> implements StreeNode<R> {
  readonly #tree: Keeper<R>;
  readonly parent: TreeNode<R> | null;
  readonly index: number;
  readonly row: number;
  value: unknown;
  /** @internal */
  reduced: R;
  /** Whether more than one row goes through it. @internal */
  shared = false;

  constructor(tree: Keeper<R>, place: Place<R>, value: unknown, reduced: R) {
    this.#tree = tree;
    this.parent = place.parent;
    this.index = place.index;
    this.row = place.row;
    this.value = value;
    this.reduced = reduced;
  }

  residue(): R {
    return this.#tree.residue(this);
  }

  nodePath(): StreeNode<R>[] {
    return this.#tree.nodePath(this);
  }

  add(value: unknown): StreeNode<R> {
    return this.#tree.add(value, this);
  }

  addAll(values: readonly unknown[]): StreeNode<R> {
    return this.#tree.addAll(values, this);
  }

  addLeaf(value: unknown): StreeNode<R> {
    return this.#tree.addLeaf(value, this);
  }

  addLeafs(values: readonly unknown[]): StreeNode<R> {
    return this.#tree.addLeafs(values, this);
  }

  getLeaf(): StreeNode<R> {
    return this.#tree.getLeaf(this);
  }
}
