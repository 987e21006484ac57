// The script of every page: shows its parts and runs its blocks one after the other.

import DOMPurify from "dompurify";
import type { Part } from "../parts.js";
import { placeIn, results } from "./results.js";

const main = document.querySelector("main")!;

addEventListener("error", ({ error, message, filename, lineno }) => {
  const { block } = placeIn(`${filename}:${lineno}`);
  results.tell({ block, line: block === null ? null : lineno, error: error ?? message });
});
addEventListener("unhandledrejection", ({ reason }) => {
  results.tell({ ...placeIn((reason as Error | undefined)?.stack), error: reason });
});

main.append(results.add(null));
try {
  const parts = (await (await fetch(`${location.pathname}?parts`)).json()) as readonly Part[];
  for (const part of parts) main.append(elementOf(part));
  for (const heading of main.querySelectorAll("h1, h2, h3")) heading.id ||= anchorOf(heading.textContent ?? "");
  if (location.hash !== "") document.getElementById(location.hash.slice(1))?.scrollIntoView();
  document.title = main.querySelector("h1")?.textContent ?? document.title;
  for (const part of parts) if (part.type === "js" && part.runs) await run(part.number);
} catch (error) {
  results.tell({ block: null, line: null, error });
}
results.end();

function elementOf(part: Part): Node {
  if (part.type !== "js") return DOMPurify.sanitize(part.html, { RETURN_DOM_FRAGMENT: true });
  const block = document.createElement("div");
  block.className = "block";
  const code = document.createElement("pre");
  code.textContent = part.code;
  code.tabIndex = 0;
  block.append(code);
  if (part.runs) block.append(results.add(part.number));
  return block;
}

/** The name that links have for a heading, as on GitHub. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "");
  return words.trim().replaceAll(/\s/g, "-");
}

/** A block is a module of its own, at an address beside the page: so its imports lead where those of a file there would. */
async function run(number: number): Promise<void> {
  try {
    await import(new URL(`?block=${number}`, location.href).href);
    results.ran(number);
  } catch (error) {
    // A block that does not parse or import has no place in a stack.
    const { line } = placeIn((error as Error | undefined)?.stack);
    results.tell({ block: number, line, error });
  }
}
