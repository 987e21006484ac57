import type { StreeNode } from "state-tree";
import { isShown } from "./picture.js";
import type { Rows } from "./rows.js";
import type { Line, Sheet } from "./sheet.js";

/**
 * Where a key leads from a node: along its row, to the row above or below, to the ends of the row. Without a node to begin
 * with, to the first. Null if it leads nowhere.
 */
export function nodeAfterKey(key: string, from: StreeNode | null, sheet: Sheet, rows: Rows): StreeNode | null {
  const open = sheet.lines.filter((line) => !line.folded);
  const place = from === null ? -1 : open.findIndex(({ row }) => row.number === from.row);
  const line = open[place];
  if (from === null || line === undefined) return key.startsWith("Arrow") ? (open[0]?.row.nodes[0] ?? null) : null;
  const column = rows.columnOf(from);
  if (key === "ArrowRight") return nodeAt(line, column + 1);
  if (key === "ArrowLeft") return column > line.row.start ? nodeAt(line, column - 1) : parentOf(line, sheet);
  if (key === "ArrowUp") return nearest(open[place - 1], column);
  if (key === "ArrowDown") return nearest(open[place + 1], column);
  if (key === "Home") return nearest(line, 0);
  if (key === "End") return nearest(line, Number.POSITIVE_INFINITY);
  return null;
}

function nodeAt({ row, count }: Line, column: number): StreeNode | null {
  const place = column - row.start;
  return place < count ? (row.nodes[place] ?? null) : null;
}

function nearest(line: Line | undefined, column: number): StreeNode | null {
  if (line === undefined) return null;
  const { start } = line.row;
  return nodeAt(line, Math.max(start, Math.min(column, start + line.count - 1)));
}

function parentOf({ row }: Line, sheet: Sheet): StreeNode | null {
  return row.parent !== null && isShown(sheet, row.parent) ? row.parent : null;
}
