import { isLiterate } from "literate";
import type { TextFile } from "./repository.js";

/** One example of a page, as its reader would paste it. */
export interface Example {
  readonly page: string;
  readonly line: number;
  readonly language: "cjs" | "js" | "ts";
  readonly code: string;
  /** What the page calls it, for other examples of the page to import; such a file is not run by itself. */
  readonly file: string | null;
  /** Lines of which each must appear in what the example prints, in this order. */
  readonly output: readonly string[];
  /** When it is over: by itself, once it has printed its output, or only with the last example of its page. */
  readonly ends: "by itself" | "once printed" | "with the page";
  /** Needs a server and a client session to work on, or Vitest to run it: see `run-example.ts`. */
  readonly within: "module" | "session" | "vitest";
  /** Why it cannot be run, if it cannot. */
  readonly skipped: string | null;
}

/** What a reader never sees: `<!-- example: keep -->` in the line above a block. */
const directive = /<!--\s*example:\s*(.*?)\s*-->\s*$/;
const endings: Readonly<Record<string, Example["ends"]>> = { endless: "once printed", keep: "with the page" };
const languages = new Set<string>(["cjs", "js", "ts"]);

/**
 * Every `js`, `cjs` and `ts` block of a Markdown page is an example and is run, unless the comment above it says
 * `example: not run, because …`. Other directives: `endless` for one that is stopped once it has printed its output, `keep`
 * for one that goes on for the later ones of the page to talk to, `session` for a fragment that works on a `server`, its
 * `session` and the `client` at the other end. A block ```` ```text output ```` that follows is what the
 * example prints; a line of it that ends in an ellipsis is matched by its beginning. `vitest` is run by Vitest. A name after the language
 * makes the block a file. Of literate pages, which run in a browser, the files and what is only shown there are taken.
 */
export function examplesOf(page: TextFile): Example[] {
  const examples: Example[] = [];
  for (const block of fencedBlocks(page.text)) {
    const previous = examples.at(-1);
    if (block.info === "text output" && previous !== undefined) {
      examples[examples.length - 1] = { ...previous, output: block.body.split("\n").filter((line) => line !== "") };
    }
    const [language = "", file = null] = block.info.split(" ");
    if (!languages.has(language)) continue;
    if (isLiterate(page.text) && file === null && !block.body.startsWith("///")) continue;
    const what = directive.exec(block.before)?.[1] ?? "";
    const skipped = /^not run,? because (.+)$/.exec(what)?.[1] ?? null;
    if (!["", "endless", "keep", "session", "vitest"].includes(what) && skipped === null) {
      throw new Error(`${page.path}:${block.line}: no such directive: example: ${what}`);
    }
    examples.push({
      page: page.path,
      line: block.line,
      language: language as Example["language"],
      code: block.body,
      file,
      output: [],
      ends: endings[what] ?? "by itself",
      within: what === "session" || what === "vitest" ? what : "module",
      skipped,
    });
  }
  return examples;
}

/** The first of the expected lines that is not in what was printed, in order, or null when all are. */
export function firstMissing(expected: readonly string[], printed: string): string | null {
  const lines = printed.split("\n").map((line) => line.trimEnd());
  let from = 0;
  for (const wanted of expected) {
    const beginning = /^(.*?)\s*(?:…|\.\.\.)$/.exec(wanted)?.[1];
    const found = lines.findIndex(
      (line, index) => index >= from && (beginning === undefined ? line === wanted : line.startsWith(beginning)),
    );
    if (found === -1) return wanted;
    from = found + 1;
  }
  return null;
}

interface Block {
  readonly info: string;
  readonly line: number;
  readonly body: string;
  /** The text above, up to the fence. */
  readonly before: string;
}

function fencedBlocks(text: string): Block[] {
  return [...text.matchAll(/^```([^`\n]+)\n(.*?)^```$/gms)].map((match) => {
    const before = text.slice(0, match.index);
    return { info: match[1]!.trim(), body: match[2]!, before, line: before.split("\n").length };
  });
}
