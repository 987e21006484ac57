import type { StreeNode } from "state-tree";
import { describe, linesOf } from "./describe.js";

/** What a chosen node holds and what the path to it comes to. */
export class Detail {
  readonly element = document.createElement("section");
  #shown: StreeNode | null = null;

  constructor() {
    this.element.className = "stree-detail";
    this.element.setAttribute("aria-live", "polite");
    this.element.hidden = true;
  }

  show(node: StreeNode | null): void {
    if (node === this.#shown) return;
    this.#shown = node;
    this.element.hidden = node === null;
    this.element.replaceChildren();
    if (node === null) return;
    const heading = document.createElement("p");
    heading.textContent = `Node ${node.index} in row ${node.row}: ${describe(node.value).kind}`;
    this.element.append(heading, part("Value", linesOf(node.value)), part("Residue", linesOf(residueOf(node))));
  }
}

/** A node that was compacted away has none. */
function residueOf(node: StreeNode): unknown {
  try {
    return node.residue();
  } catch {
    return "gone: its row was compacted";
  }
}

function part(title: string, lines: readonly string[]): HTMLElement {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  const text = document.createElement("pre");
  caption.textContent = title;
  text.textContent = lines.join("\n");
  text.tabIndex = 0;
  figure.append(caption, text);
  return figure;
}
