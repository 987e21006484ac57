import { StateTreeError } from "./errors.js";
import type { StreeNode } from "./node.js";
import type { Stree } from "./tree.js";

/** Stands for the parent of a root. */
const noParent = -1;

/** The list form of these nodes: values, and numbers of parents where they are needed. */
export function toList(nodes: readonly (StreeNode | null)[]): unknown[] {
  const list: unknown[] = [];
  const numbers = new Map<StreeNode, number>();
  let before: StreeNode | null = null;
  for (const node of nodes) {
    if (node === null) continue;
    const { value, parent } = node;
    if (typeof value === "number" || parent !== before) list.push(parent === null ? noParent : numbers.get(parent));
    list.push(value);
    numbers.set(node, numbers.size);
    before = node;
  }
  return list;
}

/** Adds what a list form holds to an empty tree. */
export function addList(tree: Pick<Stree, "add" | "root">, list: readonly unknown[]): void {
  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    if (typeof item !== "number") {
      tree.add(item);
      continue;
    }
    if (++index === list.length) throw new StateTreeError("BAD_TEXT", `the list ends after ${item}, a parent's number`);
    const value = list[index];
    if (tree.root === null && item !== noParent) {
      throw new StateTreeError("BAD_TEXT", `the first value cannot have the parent ${item}; a root has ${noParent}`);
    }
    tree.add(value, tree.root === null ? undefined : item);
  }
}
