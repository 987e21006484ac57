import { clean } from "./clean.js";
import { combine, type Reducer, reducerForTree } from "./combine.js";
import { StateTreeError } from "./errors.js";
import { freezeAll, freezeNew } from "./freeze.js";
import { type NodeRef, type StreeNode, TreeNode } from "./node.js";
import { Residue } from "./residue.js";
import { nameOfKind } from "./show.js";
import { toList } from "./tree-list.js";
import { type Registry, toText } from "./tree-text.js";

/** What a tree is made with beside its values and reducer. */
export interface StreeOptions<S = unknown> {
  /** The functions that may stand in the text form of the tree, by the names they have there. None by default. */
  readonly registry?: Registry;
  /** Folds every node, in the order added, into `tree.summary`, which begins as undefined. */
  readonly summarize?: (previous: S | undefined, node: StreeNode) => S;
}

/**
 * A tree of values. Every path from the root has a residue: what its values come to, one acting on the other. A row is a
 * path to a leaf; adding to a leaf prolongs its row, adding to an inner node opens one.
 *
 * @typeParam R - what the residues are taken for; nothing checks it
 * @typeParam S - the summary
 */
export class Stree<R = unknown, S = unknown> {
  readonly #reduce: Reducer;
  readonly #registry: Registry;
  readonly #summarize: StreeOptions<S>["summarize"];
  readonly #nodes: (TreeNode<R> | null)[] = [];
  readonly #branches: TreeNode<R>[] = [];
  readonly #listeners = new Set<(node: StreeNode<R>) => void>();
  /** Nodes that the listeners have not heard of. */
  readonly #news: TreeNode<R>[] = [];
  #last: TreeNode<R> | null = null;
  #summary: S | undefined;
  #busy = false;
  #telling = false;

  constructor(reducer: Reducer = combine as Reducer, { registry = {}, summarize }: StreeOptions<S> = {}) {
    if (typeof reducer !== "function") {
      throw new StateTreeError("BAD_ARGUMENT", `a reducer is a function, not ${nameOfKind(reducer)}`);
    }
    this.#reduce = reducerForTree(reducer);
    this.#registry = registry;
    this.#summarize = summarize;
  }

  /** Every node in the order added, from 0; null where a compacted one was. */
  get nodes(): readonly (StreeNode<R> | null)[] {
    return this.#nodes;
  }

  /** The leaf of every row, from 0. */
  get branches(): readonly StreeNode<R>[] {
    return this.#branches;
  }

  /** The first node; null in an empty tree. */
  get root(): StreeNode<R> | null {
    return this.#nodes[0] ?? null;
  }

  /** What `summarize` made of the nodes so far. */
  get summary(): S | undefined {
    return this.#summary;
  }

  /**
   * Adds a value under a node, by default under the last one added. Its plain parts are frozen.
   *
   * @throws {StateTreeError} `NO_NODE` if there is no such node, `BUSY` from inside a handler, `BAD_VALUE` for cyclic values,
   * and what the reducer throws. The tree is then as it was.
   */
  add(value: unknown, parent?: NodeRef<R>): StreeNode<R> {
    return this.#grow([value], parent);
  }

  /**
   * Adds values one under the other, all of them or, if one of them fails, none. Returns the last, or the parent if there are
   * none.
   *
   * @throws what `add` throws
   */
  addAll(values: readonly unknown[], parent?: NodeRef<R>): StreeNode<R> {
    if (!Array.isArray(values))
      throw new StateTreeError("BAD_ARGUMENT", `values are a list, not ${nameOfKind(values)}`);
    return values.length === 0 ? this.#find(parent) : this.#grow(values, parent);
  }

  /** Adds a value under the leaf of the row that the node was added on. Throws what `add` throws. */
  addLeaf(value: unknown, node?: NodeRef<R>): StreeNode<R> {
    return this.add(value, this.getLeaf(node));
  }

  /** Adds values under the leaf of the row that the node was added on, as `addAll` does. */
  addLeafs(values: readonly unknown[], node?: NodeRef<R>): StreeNode<R> {
    return this.addAll(values, this.getLeaf(node));
  }

  /** The leaf of the row that the node was added on. */
  getLeaf(node?: NodeRef<R>): StreeNode<R> {
    return this.#branches[this.#find(node).row]!;
  }

  /** The nodes from the root to this one, by default the last one added. */
  nodePath(node?: NodeRef<R>): StreeNode<R>[] {
    const path: StreeNode<R>[] = [];
    for (let at: TreeNode<R> | null = this.#find(node); at !== null; at = at.parent) path.push(at);
    return path.reverse();
  }

  /** What the values on the path to this node, by default the last one added, come to. It was reduced when the node was added. */
  residue(node?: NodeRef<R>): R {
    if (node === undefined && this.#last === null) return undefined as R;
    return this.#find(node).reduced;
  }

  /** The residue of every row, from 0. */
  residues(): R[] {
    return this.#branches.map((leaf) => leaf.reduced);
  }

  /**
   * Calls `listener` with every node added from now on, in the order added, when it is in place; the listener may add more.
   * Returns what ends it. What a listener throws comes out of `add` when all were told; the node stays.
   */
  onAdd(listener: (node: StreeNode<R>) => void): () => void {
    const own = (node: StreeNode<R>): void => listener(node);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /**
   * Makes the nodes that only the row of this node uses one: a `Residue` in the place of the first of them. In `nodes` the
   * others become null. Returns that one.
   *
   * @throws {StateTreeError} `NO_NODE`, and `BUSY` from inside a handler
   */
  compact(node?: NodeRef<R>): StreeNode<R> {
    const { row } = this.#find(node);
    if (this.#busy) throw busy();
    const leaf = this.#branches[row]!;
    let first = leaf;
    while (first.parent !== null && !first.parent.shared) {
      this.#nodes[first.index] = null;
      first = first.parent;
    }
    if (first === leaf) return leaf;
    first.value = new Residue(leaf.reduced);
    first.reduced = leaf.reduced;
    this.#branches[row] = first;
    if (this.#nodes[this.#last!.index] !== this.#last) this.#last = first;
    return first;
  }

  /**
   * The values in the order added. In front of a value that is a number, or whose parent is not the value before it, stands
   * the number of its parent among them (-1: none). `stree(array)` is the inverse.
   */
  toArray(): unknown[] {
    return toList(this.#nodes);
  }

  /**
   * The JSON of `toArray()`, with the names of functions instead of functions. `stree(text)` is the inverse.
   *
   * @throws {StateTreeError} `NOT_JSON` for what JSON lacks, and for functions that are not in the registry
   */
  toString(): string {
    return toText(this.toArray(), this.#registry);
  }

  #grow(values: readonly unknown[], parent: NodeRef<R> | undefined): TreeNode<R> {
    if (this.#busy) throw busy();
    this.#busy = true;
    try {
      const above = this.#nodes.length === 0 && parent === undefined ? null : this.#find(parent);
      if (values.length === 1) this.#growBy(values[0], above);
      else this.#growAll(values, above);
    } finally {
      this.#busy = false;
    }
    const node = this.#last!;
    this.#tell();
    return node;
  }

  #growBy(value: unknown, parent: TreeNode<R> | null): void {
    const node = this.#make(value, parent, this.#nodes.length, this.#rowUnder(parent));
    const summary = this.#summarize?.(this.#summary, node);
    this.#place(node);
    this.#summary = summary;
  }

  /** Everything is made before anything is in place. */
  #growAll(values: readonly unknown[], parent: TreeNode<R> | null): void {
    const row = this.#rowUnder(parent);
    const nodes: TreeNode<R>[] = [];
    let above = parent;
    let summary = this.#summary;
    for (const value of values) {
      above = this.#make(value, above, this.#nodes.length + nodes.length, row);
      summary = this.#summarize?.(summary, above);
      nodes.push(above);
    }
    for (const node of nodes) this.#place(node);
    this.#summary = summary;
  }

  #make(value: unknown, parent: TreeNode<R> | null, index: number, row: number): TreeNode<R> {
    freezeAll(value instanceof Residue ? value.value : value);
    return new TreeNode<R>(this, { parent, index, row }, value, freezeNew(this.#residueOf(value, parent)) as R);
  }

  #residueOf(value: unknown, parent: TreeNode<R> | null): unknown {
    if (value instanceof Residue) return value.value;
    return parent === null ? clean(value) : this.#reduce(parent.reduced, value);
  }

  #rowUnder(parent: TreeNode<R> | null): number {
    return parent === null ? 0 : this.#branches[parent.row] === parent ? parent.row : this.#branches.length;
  }

  #place(node: TreeNode<R>): void {
    if (node.parent !== null && node.row !== node.parent.row) node.parent.shared = true;
    this.#nodes.push(node);
    this.#branches[node.row] = node;
    this.#last = node;
    if (this.#listeners.size > 0) this.#news.push(node);
  }

  /** A listener that adds is told of its node when all have heard of the one before. */
  #tell(): void {
    if (this.#telling || this.#news.length === 0) return;
    const thrown: unknown[] = [];
    this.#telling = true;
    for (let node = this.#news.shift(); node !== undefined; node = this.#news.shift()) {
      for (const listener of [...this.#listeners]) {
        try {
          listener(node);
        } catch (error) {
          thrown.push(error);
        }
      }
    }
    this.#telling = false;
    if (thrown.length > 0)
      throw thrown.length === 1 ? thrown[0] : new AggregateError(thrown, "listeners of a tree threw");
  }

  #find(ref: NodeRef<R> | undefined): TreeNode<R> {
    const node = typeof ref === "number" ? this.#numbered(ref) : (ref ?? this.#last);
    if (node instanceof TreeNode && this.#nodes[node.index] === node) return node as TreeNode<R>;
    throw new StateTreeError("NO_NODE", this.#missing(ref));
  }

  #numbered(number: number): TreeNode<R> | null | undefined {
    if (number === Number.POSITIVE_INFINITY) return this.#branches[0];
    return number < 0 ? this.#branches[-number] : this.#nodes[number];
  }

  #missing(ref: NodeRef<R> | undefined): string {
    const has = `the tree has ${this.#nodes.length} nodes in ${this.#branches.length} rows`;
    if (typeof ref === "number") return `no node ${ref}: ${has}`;
    if (ref === undefined) return "an empty tree has no node";
    return ref instanceof TreeNode
      ? `the node is of another tree, or was compacted`
      : `no node, but ${nameOfKind(ref)}`;
  }
}

function busy(): StateTreeError {
  return new StateTreeError("BUSY", "a tree cannot be changed from inside a handler; add when it has returned");
}
