const columns = ["heap", "rss", "timers", "handles", "listeners", "files"];
const inMiB = new Set(["heap", "rss"]);

/** A Markdown table of what the processes of the soak hold, printed row by row. */
export class SoakTable {
  #processes;

  constructor(processes) {
    this.#processes = processes;
    const titles = columns.map((name) => (inMiB.has(name) ? `${name} MiB` : name));
    const cells = processes.flatMap((process) => titles.map((title) => `${process} ${title}`));
    printCells(["minutes", ...cells]);
    printCells(["---", ...cells.map(() => "---:")]);
  }

  print(when, row) {
    const cells = this.#processes.flatMap((process) =>
      columns.map((name) => (inMiB.has(name) ? (row[process][name] / 2 ** 20).toFixed(1) : String(row[process][name]))),
    );
    printCells([when, ...cells]);
  }
}

function printCells(cells) {
  console.log(`| ${cells.join(" | ")} |`);
}
