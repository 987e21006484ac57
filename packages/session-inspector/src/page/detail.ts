import { type Belief, fieldsOf, type Step } from "session-recorder";
import type { StreeNode } from "state-tree";
import { describe, linesOf } from "state-tree-view";
import { button, el, table } from "./dom.js";

/** Bytes in a line of the dump, and the most that is shown. */
const dumpBytes = 16;
const dumpMax = 4096;

/** What a chosen step was, what its end believed then, and how that differs from another point. */
export class Detail {
  readonly element = el("section", { class: "detail", "aria-label": "The chosen step", "aria-live": "polite" });
  #chosen: StreeNode | null = null;
  #mark: StreeNode | null = null;

  constructor() {
    this.show(null);
  }

  show(node: StreeNode | null): void {
    this.#chosen = node;
    this.element.replaceChildren(...(node === null ? [hint()] : this.#parts(node)));
  }

  /** The recording is another one: what was marked is not in it. */
  forget(): void {
    this.#mark = null;
    this.show(null);
  }

  #parts(node: StreeNode): Node[] {
    const { kind } = describe(node.value);
    const belief = beliefOf(node);
    const step = node.value as Partial<Step>;
    const heading = el("h2", {}, `Step ${step.number ?? node.index}: ${kind}`);
    const mark = button(node === this.#mark ? "Marked" : "Mark to compare", () => {
      this.#mark = this.#chosen;
      this.show(this.#chosen);
    });
    return [
      el("header", {}, heading, mark),
      this.#mark !== null && this.#mark !== node ? compared(this.#mark, node) : null,
      stepTable(step),
      step.hex === undefined ? null : dumpOf(step.hex),
      belief === null ? text("Holds", linesOf(node.value)) : table("Believed then", entriesOf(belief)),
    ].filter((part) => part !== null);
  }
}

function hint(): HTMLElement {
  return el("p", { class: "hint" }, "Choose a step to see its frame, and what its end believed at that point.");
}

/** The residue of a step; null for the root and for what was folded away. */
function beliefOf(node: StreeNode): Belief | null {
  try {
    const residue = node.residue() as Partial<Belief> | undefined;
    return residue?.state === undefined ? null : (residue as Belief);
  } catch {
    return null;
  }
}

function entriesOf(of: object): [string, string][] {
  return Object.entries(of).map(([name, value]) => [name, value === null ? "–" : String(value)]);
}

function stepTable({ frame, handler, number, hex, changed, ...rest }: Partial<Step>): HTMLElement | null {
  const fields = frame === undefined ? {} : fieldsOf(frame);
  const rows = entriesOf({ ...rest, ...fields });
  return handler === undefined || rows.length === 0 ? null : table("What happened", rows);
}

/** In which figures two points differ. */
function compared(mark: StreeNode, node: StreeNode): HTMLElement {
  const [then, now] = [beliefOf(mark), beliefOf(node)];
  const numberOf = ({ value, index }: StreeNode): number => (value as Partial<Step>).number ?? index;
  const caption = `From step ${numberOf(mark)} to ${numberOf(node)}`;
  if (then === null || now === null) return table(caption, [["", "one of the two has no belief"]]);
  const changed = Object.keys(now).filter((name) => then[name as keyof Belief] !== now[name as keyof Belief]);
  if (changed.length === 0) return table(caption, [["", "nothing differs"]]);
  const cell = (belief: Belief, name: string): string => String(belief[name as keyof Belief] ?? "–");
  return table(
    caption,
    changed.map((name) => [name, cell(then, name), cell(now, name)]),
  );
}

function dumpOf(hex: string): HTMLElement {
  const lines: string[] = [];
  const shown = hex.slice(0, dumpMax * 2);
  for (let at = 0; at < shown.length; at += dumpBytes * 2) {
    const pairs = shown.slice(at, at + dumpBytes * 2).match(/../g) ?? [];
    const characters = pairs.map((pair) => {
      const code = Number.parseInt(pair, 16);
      return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : ".";
    });
    lines.push(
      `${(at / 2).toString(16).padStart(4, "0")}  ${pairs.join(" ").padEnd(dumpBytes * 3)} ${characters.join("")}`,
    );
  }
  if (hex.length > shown.length) lines.push(`… of ${hex.length / 2} bytes`);
  return text("Bytes", lines);
}

function text(caption: string, lines: readonly string[]): HTMLElement {
  return el("figure", {}, el("figcaption", {}, caption), el("pre", { tabindex: 0 }, lines.join("\n")));
}
