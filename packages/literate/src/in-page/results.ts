/** Something that happened in a block. */
export interface Outcome {
  /** The number of the block, or null when nothing tells. */
  readonly block: number | null;
  readonly line: number | null;
  /** What went wrong; null for an assertion that held. */
  readonly error: unknown;
}

interface Standing {
  readonly element: HTMLElement;
  ran: boolean;
  held: number;
  readonly failures: string[];
}

/** What the blocks of the page came to, each told below its block. */
class Results {
  readonly #blocks = new Map<number | null, Standing>();

  /** Makes room for the results of a block; `null` is for what belongs to none. */
  add(block: number | null): HTMLElement {
    const element = document.createElement("div");
    element.className = "results";
    element.setAttribute("role", "status");
    this.#blocks.set(block, { element, ran: false, held: 0, failures: [] });
    return element;
  }

  /** The block was run to its end. */
  ran(block: number): void {
    const standing = this.#blocks.get(block);
    if (standing === undefined) return;
    standing.ran = true;
    this.#show(standing);
  }

  tell({ block, line, error }: Outcome): void {
    const standing = this.#blocks.get(block) ?? this.#blocks.get(null)!;
    if (error === null) standing.held++;
    else {
      const text = `${line === null ? "" : `line ${line}: `}${textOf(error)}`;
      // An assertion that fails is told of by itself, and again by the block that it ends.
      if (!standing.failures.includes(text)) standing.failures.push(text);
    }
    this.#show(standing);
  }

  /** All blocks were run. What goes wrong later still counts. */
  end(): void {
    const failed = [...this.#blocks.values()].some(({ failures }) => failures.length > 0);
    document.documentElement.dataset.literate = failed ? "failed" : "held";
  }

  #show({ element, ran, held, failures }: Standing): void {
    const lines = failures.map((failure) => `✗ ${failure}`);
    if (held > 0) lines.unshift(`✓ ${held} ${held === 1 ? "assertion" : "assertions"} held`);
    else if (ran && failures.length === 0) lines.push("✓ ran");
    element.textContent = lines.join("\n");
    element.classList.toggle("failed", failures.length > 0);
    if (failures.length > 0 && document.documentElement.dataset.literate === "held") this.end();
  }
}

export const results = new Results();

/** Where a stack trace, or a message with a place in it, points into a block. */
export function placeIn(stack: string | undefined): Pick<Outcome, "block" | "line"> {
  const [, block, line] = /[?&]block=(\d+):(\d+)/.exec(stack ?? "") ?? [];
  return block === undefined ? { block: null, line: null } : { block: Number(block), line: Number(line) };
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : `thrown: ${String(error)}`;
}
