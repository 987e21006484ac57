import { type Belief, fieldsOf, type Step } from "session-recorder";
import type { StreeNode } from "state-tree";
import { describe, linesOf } from "state-tree-view";
import { button, el, table } from "./dom.js";

/** Bytes in a line of the dump, and the most that is shown. */
const dumpBytes = 8;
const dumpMax = 4096;

/** What is told of a node. It is kept apart from its tree: that may have been folded since. */
interface Point {
  readonly value: unknown;
  readonly belief: Belief | null;
  /** In words. */
  readonly name: string;
}

/** What a chosen step was, what its end believed then, and how that differs from another point. */
export class Detail {
  readonly element = el("section", { class: "detail", "aria-label": "The chosen step", "aria-live": "polite" });
  #chosen: Point | null = null;
  #mark: Point | null = null;

  constructor() {
    this.#show(null);
  }

  show(node: StreeNode | null): void {
    // In a tree that was folded the same step is another node.
    if (node !== null && node.value === this.#chosen?.value) return;
    this.#show(node && pointOf(node));
  }

  /** The step that is shown was folded away: what was told of it stays. */
  foldedAway(): void {
    if (this.#chosen !== null) this.element.prepend(el("p", { class: "hint" }, "Folded away meanwhile."));
  }

  /** The recording is another one: what was chosen and marked is not in it. */
  forget(): void {
    this.#mark = null;
    this.#show(null);
  }

  #show(point: Point | null): void {
    this.#chosen = point;
    this.element.replaceChildren(...(point === null ? [hint()] : this.#parts(point)));
  }

  #parts(point: Point): Node[] {
    const { value, belief, name } = point;
    const step = value as Partial<Step>;
    const isMark = value === this.#mark?.value;
    const mark = button(isMark ? "Marked" : "Mark to compare", () => {
      this.#mark = point;
      this.#show(point);
    });
    return [
      el("header", {}, el("h2", {}, `${name}: ${describe(value).kind}`), mark),
      this.#mark !== null && !isMark ? compared(this.#mark, point) : null,
      stepTable(step),
      step.hex === undefined ? null : dumpOf(step.hex),
      belief === null ? text("Holds", linesOf(value)) : table("Believed then", entriesOf(belief)),
    ].filter((part) => part !== null);
  }
}

function pointOf(node: StreeNode): Point {
  const belief = beliefOf(node);
  const { number } = node.value as Partial<Step>;
  const name = number === undefined ? `row ${belief?.row ?? node.row}` : `step ${number}`;
  return { value: node.value, belief, name };
}

function hint(): HTMLElement {
  return el("p", { class: "hint" }, "Choose a step to see its frame, and what its end believed at that point.");
}

/** The residue of a step; null for the root. */
function beliefOf(node: StreeNode): Belief | null {
  const residue = node.residue() as Partial<Belief>;
  return residue.state === undefined ? null : (residue as Belief);
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
function compared({ belief: then, name }: Point, { belief: now, name: other }: Point): HTMLElement {
  const caption = `From ${name} to ${other}`;
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
