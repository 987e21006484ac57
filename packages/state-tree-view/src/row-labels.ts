import type { StreeNode } from "state-tree";
import { linesBetween, type Sheet, size } from "./sheet.js";

/** The column of buttons at the left that fold rows; only those in view exist. */
export class RowLabels {
  readonly element = document.createElement("div");
  readonly #buttons = new Map<number, HTMLButtonElement>();
  readonly #toggle: (row: number) => void;
  readonly #nameOf: (leaf: StreeNode) => string;

  /** @param nameOf what a row is called, given its last node that takes a place; its number by default */
  constructor(toggle: (row: number) => void, nameOf = ({ row }: StreeNode): string => String(row)) {
    this.element.className = "stree-rows";
    this.#toggle = toggle;
    this.#nameOf = nameOf;
  }

  draw(sheet: Sheet, top: number, bottom: number): void {
    this.element.style.height = `${sheet.height}px`;
    const lines = linesBetween(sheet, top, bottom);
    const wanted = new Set(lines.map(({ row }) => row.number));
    for (const [row, button] of this.#buttons) {
      if (wanted.has(row)) continue;
      button.remove();
      this.#buttons.delete(row);
    }
    for (const { row, y, folded, count } of lines) {
      const button = this.#buttons.get(row.number) ?? this.#add(row.number);
      button.style.top = `${y}px`;
      button.style.height = `${folded ? size.folded - 4 : size.boxHeight}px`;
      const name = this.#nameOf(row.nodes.at(-1)!);
      button.textContent = `${folded ? "▸" : "▾"} ${name}`;
      button.setAttribute("aria-expanded", String(!folded));
      button.setAttribute("aria-label", `Row ${name}, ${count} nodes`);
    }
  }

  #add(row: number): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.addEventListener("click", () => this.#toggle(row));
    this.#buttons.set(row, button);
    this.element.append(button);
    return button;
  }
}
