import { combine, type Stree, type StreeNode, stree } from "state-tree";

/** Changes of one row that stay apart; beyond it they become one. */
const rowMax = 1024;

/** The life of a messenger as a tree: one row for the connection, each invitation and each contact. */
export interface StateTree {
  readonly tree: Stree<unknown>;
  /** For the option `record` of `Messenger.open`. */
  record(row: string, message: Readonly<Record<string, unknown>>): void;
}

/** Every change of state is a message in the tree, and the residue of a row is its state. A number replaces the one before it. */
export function createStateTree(): StateTree {
  const tree: Stree<unknown> = stree({ name: "messenger" }, combine.with({ rules: latestNumber }));
  const root = tree.root!;
  const rows = new Map<string, { leaf: StreeNode<unknown>; length: number }>();
  return {
    tree,
    record(row, message) {
      const known = rows.get(row);
      const leaf = known === undefined ? tree.add({ row, ...message }, root) : tree.add(message, known.leaf);
      const length = (known?.length ?? 0) + 1;
      // A row that is alone has the root to itself, and would take it along.
      if (length <= rowMax || rows.size === 1) rows.set(row, { leaf, length });
      else rows.set(row, { leaf: tree.compact(leaf), length: 1 });
    },
  };
}

function latestNumber(before: unknown, after: unknown): unknown {
  return typeof before === "number" && typeof after === "number" ? after : undefined;
}
