import type { StreeNode } from "state-tree";
import type { TextOf } from "./picture.js";
import type { DrawnTree, IsWanted } from "./rows.js";
import { TreeDrawing } from "./tree-drawing.js";

/** What else a picture does. */
export interface RenderOptions {
  /** Told which node is chosen, or null when none is any more. It is shown in the picture's own panel otherwise. */
  readonly onChoose?: (node: StreeNode | null) => void;
  /** What boxes say below their kind; by default, and where it gives undefined, what their values hold. */
  readonly textOf?: TextOf;
  /** What nodes are called; by default their places in the tree, which are others in a tree that takes its place. */
  readonly numberOf?: (node: StreeNode) => string;
  /** What the button of a row says, given its last node; by default the number of the row. */
  readonly rowNameOf?: (leaf: StreeNode) => string;
  /** "start", the default: rows begin where they branch. "end": they end in one column, so that the newest of all are seen together. */
  readonly align?: "start" | "end";
}

/** A picture that was drawn. */
export interface Drawing {
  /** Ends the growing; the picture stays until its element is removed, and neither `replace` nor `only` does anything more. */
  stop(): void;
  /**
   * Draws another tree in the place of the one that was drawn: say, one in which old nodes were folded. Filter, following and the
   * place that was scrolled to stay. A node is found again where the other tree holds the identical object as value (which therefore
   * stands in one node only), a row by its last node or, where that was folded, by the identical residue.
   *
   * - A chosen node that is left stays chosen, and `onChoose` is told its successor; else nothing is chosen, which it is told, too.
   *   Both before this returns.
   * - The time that was scrubbed to becomes that of its node, else of the nearest after it that is left, else of the nearest before
   *   it, else now.
   * - Rows that were folded stay so.
   *
   * @throws {TypeError} without a tree
   */
  replace(tree: DrawnTree): void;
  /**
   * Gives a place to these nodes only: the others are neither drawn nor found, and keys go past them. It is asked of each node once,
   * until `only` or `replace` is called again. All nodes have a place at first.
   */
  only(isWanted: IsWanted): void;
}

/**
 * Draws a tree into an element, as SVG that grows with it: a line for each row, an element with `data-node` and `data-row` for
 * each node. Rows can be folded and filtered, the tree seen as it was at an earlier node, and a chosen node shows value and
 * residue. Only what is in view has elements. Everything that values hold is shown as text.
 *
 * @throws {TypeError} without a tree or an element
 */
export function renderStree(tree: DrawnTree, parentElement: Element, options: RenderOptions = {}): Drawing {
  expectTree(tree, "renderStree");
  if (!(parentElement instanceof Element)) throw new TypeError("renderStree draws into an element; is its id right?");
  const drawing = new TreeDrawing(tree, options);
  parentElement.append(drawing.element);
  drawing.drawNow();
  return {
    stop: () => drawing.stop(),
    replace(other) {
      expectTree(other, "replace");
      drawing.replace(other);
    },
    only: (isWanted) => drawing.only(isWanted),
  };
}

function expectTree(tree: DrawnTree, name: string): void {
  if (typeof tree?.onAdd !== "function") throw new TypeError(`${name} draws a tree, as stree() makes one`);
}
