import type { StreeNode } from "state-tree";
import { type Area, isShown, nodesBetween } from "./picture.js";
import type { Rows } from "./rows.js";
import { linesBetween, type Sheet, xOf } from "./sheet.js";

/** A node that is looked at, and how far from the corner of what is seen it lies, in pixels: there it is to stay. */
export interface Anchor {
  readonly node: StreeNode;
  readonly x: number;
  readonly y: number;
}

/** The chosen node if it is in view, else the first that is. */
export function anchorIn(area: Area, sheet: Sheet, rows: Rows, chosen: StreeNode | null): Anchor | null {
  const lines = linesBetween(sheet, area.top, area.bottom).filter(({ folded }) => !folded);
  const inView = lines.flatMap((line) => nodesBetween(sheet, line, area));
  const node = chosen !== null && inView.includes(chosen) ? chosen : inView[0];
  if (node === undefined) return null;
  const { x, y } = placeOf(node, sheet, rows);
  return { node, x: x - area.left, y: y - area.top };
}

/** Where what is seen has to begin for the anchor to lie where it lay; null if it is not shown any more. */
export function cornerFor({ node, x, y }: Anchor, sheet: Sheet, rows: Rows): { left: number; top: number } | null {
  if (!isShown(sheet, node)) return null;
  const place = placeOf(node, sheet, rows);
  return { left: place.x - x, top: place.y - y };
}

function placeOf(node: StreeNode, sheet: Sheet, rows: Rows): { readonly x: number; readonly y: number } {
  const line = sheet.byRow.get(node.row)!;
  return { x: xOf(sheet, rows.columnOf(node), line), y: line.y };
}
