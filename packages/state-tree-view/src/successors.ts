import type { StreeNode } from "state-tree";
import type { DrawnTree } from "./rows.js";

/** Where the nodes and rows of a tree are in another that takes its place: those whose values, being the same objects, stand there, too. */
export class Successors {
  readonly #tree: DrawnTree;
  readonly #byValue = new Map<unknown, StreeNode>();

  /** @param tree the one that takes the place */
  constructor(tree: DrawnTree) {
    this.#tree = tree;
    for (const node of tree.nodes) if (node !== null && isObject(node.value)) this.#byValue.set(node.value, node);
  }

  of({ value }: StreeNode): StreeNode | null {
    return this.#byValue.get(value) ?? null;
  }

  /** The node that a tree is looked at up to: the one that comes for it, else the nearest after it that is left, else before it. */
  nearestTo(time: number, nodes: DrawnTree["nodes"]): StreeNode | null {
    for (let index = time; index < nodes.length; index++) {
      const found = nodes[index] && this.of(nodes[index]!);
      if (found) return found;
    }
    for (let index = Math.min(time, nodes.length) - 1; index >= 0; index--) {
      const found = nodes[index] && this.of(nodes[index]!);
      if (found) return found;
    }
    return null;
  }

  /** The row that a row goes on in, known by its last node: by its value or, where it was folded, by what its path came to. */
  rowOf(leaf: StreeNode): number | null {
    const found = this.of(leaf);
    if (found !== null) return found.row;
    const residue = leaf.residue();
    if (!isObject(residue)) return null;
    return this.#tree.branches.find((other) => other.residue() === residue)?.row ?? null;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
