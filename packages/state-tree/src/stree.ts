import { combine, type Reducer } from "./combine.js";
import { Stree, type StreeOptions } from "./tree.js";
import { addList } from "./tree-list.js";
import { fromText } from "./tree-text.js";

/**
 * A tree of values.
 *
 * @param value - what it begins with: the list form of a tree (`toArray`), in which values simply follow each other; its text
 *   form (`toString`), which refers to functions of the registry by name; any other value becomes the root. Empty by default.
 * @param reducer - makes a residue of the one above and a value; `combine` by default
 *
 * @throws {StateTreeError} `BAD_TEXT` for a text or list that is not the form of a tree, and what `add` throws
 */
export function stree<R = unknown, S = unknown>(
  value?: unknown,
  reducer: Reducer = combine as Reducer,
  options: StreeOptions<S> = {},
): Stree<R, S> {
  const tree = new Stree<R, S>(reducer, options);
  if (typeof value === "string") addList(tree, fromText(value, options.registry ?? {}));
  else if (Array.isArray(value)) addList(tree, value);
  else if (value !== undefined) tree.add(value);
  return tree;
}
