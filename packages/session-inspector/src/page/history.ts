import { linesOf, type Recorded, RecordingReader, type Row } from "session-recorder";

/** Nodes that a page keeps at most; beyond it the older half of the steps is folded. */
const nodesMax = 20_000;

/** What the page knows: the recording as far as it came, and of it the session that is looked at alone. */
export class History {
  #all = new RecordingReader();
  #one: { readonly row: number; reader: RecordingReader } | null = null;
  /** Steps that could not be read. */
  faults = 0;
  /** Grows each time that another tree takes the place of the one that is shown. */
  edition = 0;

  get all(): Recorded {
    return this.#all;
  }

  /** What is to be drawn. */
  get shown(): Recorded {
    return this.#one?.reader ?? this.#all;
  }

  /** The rows, by their numbers. */
  get rows(): ReadonlyMap<number, Row> {
    return this.#all.rows;
  }

  get onlyRow(): number | null {
    return this.#one?.row ?? null;
  }

  begin(): void {
    this.#all = new RecordingReader();
    this.#one = null;
    this.edition++;
  }

  add(line: string): void {
    try {
      this.#all.line(line);
      if (this.#one !== null && isOf(line, this.#one.row)) this.#one.reader.line(line);
    } catch {
      this.faults++;
    }
    if (this.#all.nodes > nodesMax) this.#fold();
  }

  /** Shows one session alone, or with null all of them. */
  only(row: number | null): void {
    this.#one = row === null ? null : { row, reader: this.#readerOf(row) };
    this.edition++;
  }

  #fold(): void {
    this.#all.fold();
    if (this.#one !== null) this.#one.reader = this.#readerOf(this.#one.row);
    this.edition++;
  }

  #readerOf(row: number): RecordingReader {
    const reader = new RecordingReader();
    let isHeader = true;
    for (const line of linesOf(this.#all)) {
      if (isHeader || isOf(line, row)) reader.line(line);
      isHeader = false;
    }
    return reader;
  }
}

/** Whether the line of a recording belongs to a row; our own lines have the row first or second. */
function isOf(line: string, row: number): boolean {
  return new RegExp(`^\\{(?:"handler":"row",)?"row":${row}[,}]`).test(line);
}
