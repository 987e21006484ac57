/** An option as a page describes it. */
export interface OptionRow {
  readonly name: string;
  /** The default: a number or a text, null where the table refers to something else. */
  readonly absent: number | string | null;
  readonly min: number | null;
  /** Null where the range has no upper end of its own. */
  readonly max: number | null;
  /** The texts among which to choose. */
  readonly choices: readonly string[];
}

/** The tables of options of a page, by the heading above them. Columns: option, default, unit, range, meaning. */
export function optionTables(page: string): Map<string, OptionRow[]> {
  const tables = new Map<string, OptionRow[]>();
  let heading = "";
  for (const line of page.split("\n")) {
    heading = /^##\s+(.*)$/.exec(line)?.[1] ?? heading;
    const cells = line.split("|").map((cell) => cell.trim());
    const name = /^`(\w+)`$/.exec(cells[1] ?? "")?.[1];
    if (name === undefined || cells.length < 7) continue;
    const rows = tables.get(heading) ?? [];
    rows.push({ name, absent: readDefault(cells[2]!), ...readRange(cells[4]!) });
    tables.set(heading, rows);
  }
  return tables;
}

function readDefault(cell: string): number | string | null {
  if (cell === "none" || cell === "see below" || cell === "no limit") return null;
  return readNumber(cell) ?? cell;
}

function readRange(cell: string): Pick<OptionRow, "min" | "max" | "choices"> {
  const [from = "", to = ""] = cell.split("…");
  const min = readNumber(from);
  if (min !== null) return { min, max: readNumber(to), choices: [] };
  return { min: null, max: null, choices: cell === "" ? [] : cell.split(", ") };
}

/** Numbers are written with a space between thousands. */
function readNumber(text: string): number | null {
  const digits = text.replaceAll(" ", "");
  return /^\d+$/.test(digits) ? Number(digits) : null;
}
