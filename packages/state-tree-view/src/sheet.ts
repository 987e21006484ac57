import type { StreeNode } from "state-tree";
import { countUpTo, type Row, type Rows } from "./rows.js";
import type { Search } from "./search.js";

/** Sizes of the picture, in pixels. */
export const size = { column: 156, row: 52, folded: 28, boxWidth: 140, boxHeight: 40, margin: 8 } as const;

/** Browsers lay out no more than some 33 million pixels; of longer rows the end is drawn, and scrubbing back shows the rest. */
const columnsMax = 150_000;

/** What of a tree is to be seen. */
export interface View {
  /** The last node that is shown, by its index; infinite for all. */
  time: number;
  search: Search;
  readonly folded: Set<number>;
  chosen: StreeNode | null;
  /** Whether rows end in one column, so that the newest of all of them are seen together, or begin where they branch. */
  readonly alignsEnds: boolean;
}

/** One row as it lies on the sheet. */
export interface Line {
  readonly row: Row;
  readonly y: number;
  /** How many of its nodes are shown. */
  readonly count: number;
  readonly folded: boolean;
  /** Columns that the row lies further right than its depth. */
  shift: number;
}

/** The whole picture in numbers, drawn or not. */
export interface Sheet {
  readonly lines: readonly Line[];
  readonly byRow: ReadonlyMap<number, Line>;
  /** The first column that is on the sheet. */
  readonly firstColumn: number;
  readonly width: number;
  readonly height: number;
  /** Nodes in rows that are not folded. */
  readonly nodeCount: number;
}

/** Where each row lies. Costs what rows there are, however many nodes they have. */
export function layOut(rows: Rows, view: View): Sheet {
  const lines: Line[] = [];
  const byRow = new Map<number, Line>();
  let [y, columns, nodeCount] = [size.margin, 0, 0];
  for (const row of rows.list) {
    const count = countUpTo(row, view.time);
    if (count === 0 || !view.search.hasRow(row.number, view.time)) continue;
    const line: Line = { row, y, count, folded: view.folded.has(row.number), shift: 0 };
    lines.push(line);
    byRow.set(row.number, line);
    y += line.folded ? size.folded : size.row;
    columns = Math.max(columns, row.start + count);
    if (!line.folded) nodeCount += count;
  }
  if (view.alignsEnds) for (const line of lines) line.shift = columns - line.row.start - line.count;
  const firstColumn = Math.max(0, columns - columnsMax);
  const width = (columns - firstColumn) * size.column + size.margin;
  return { lines, byRow, firstColumn, width, height: y + size.margin, nodeCount };
}

/** Where a column begins, in pixels; of a line that lies further right, given that. */
export function xOf(sheet: Sheet, column: number, { shift }: Pick<Line, "shift"> = unshifted): number {
  return (column + shift - sheet.firstColumn) * size.column + size.margin;
}

const unshifted = { shift: 0 };

/** The lines between two heights. */
export function linesBetween(sheet: Sheet, top: number, bottom: number): readonly Line[] {
  const { lines } = sheet;
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lines[middle]!.y + size.row < top) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < lines.length && lines[end]!.y <= bottom) end++;
  return lines.slice(low, end);
}
