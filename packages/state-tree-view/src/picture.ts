import { printable, type StreeNode } from "state-tree";
import { hueOf } from "./colour.js";
import { describe } from "./describe.js";
import { countUpTo, type Rows } from "./rows.js";
import { type Line, linesBetween, type Sheet, size, type View, xOf } from "./sheet.js";
import { svg } from "./svg.js";

/** The part of a sheet that is seen, in pixels. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What a box says of its value; undefined: what it says by default. */
export type TextOf = (value: unknown) => string | undefined;

/** Pictures of no more nodes are drawn whole. */
const wholeMax = 250;

/** How far beyond what is seen is drawn, in pixels: room for a scroll before the next frame. */
const beyond = 400;

const everything: Area = { left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity };

/** Characters that fit into a box; of texts that are wider the box shows the beginning. */
const kindMax = 13;
const textMax = 20;

let pictures = 0;

/**
 * The SVG itself. It has elements only for what is seen and a little more, so a tree may be as large as it likes;
 * what stays in view keeps its elements.
 */
export class Picture {
  readonly element = svg.make("svg", { class: "stree-picture", role: "listbox", tabindex: 0, "aria-label": "Nodes" });
  readonly #id = `stree-${++pictures}`;
  readonly #links = svg.make("path", { class: "stree-links" });
  readonly #notes = svg.make("g", { class: "stree-notes" });
  readonly #boxes = svg.make("g");
  readonly #textOf: TextOf | undefined;
  readonly #numberOf: (node: StreeNode) => string;
  readonly #drawn = new Map<StreeNode, SVGSVGElement>();

  /**
   * @param textOf what boxes say below their kind; by default what their values hold
   * @param numberOf what they are called; by default their places in the tree
   */
  constructor(textOf?: TextOf, numberOf = ({ index }: StreeNode): string => String(index)) {
    this.#textOf = textOf;
    this.#numberOf = numberOf;
    this.element.append(this.#links, this.#notes, this.#boxes);
  }

  /** The node that an element of the picture belongs to. */
  nodeOf(element: Element): StreeNode | null {
    const box = element.closest("[data-node]");
    for (const [node, drawn] of this.#drawn) if (drawn === box) return node;
    return null;
  }

  /** Forgets what is drawn: values have changed. */
  clear(): void {
    for (const box of this.#drawn.values()) box.remove();
    this.#drawn.clear();
  }

  resize({ width, height }: Sheet): void {
    this.element.setAttribute("width", String(width));
    this.element.setAttribute("height", String(height));
  }

  draw(sheet: Sheet, view: View, rows: Rows, visible: Area): void {
    const area = sheet.nodeCount <= wholeMax ? everything : widened(visible);
    const lines = linesBetween(sheet, area.top, area.bottom);
    const wanted = new Set<StreeNode>();
    for (const line of lines) if (!line.folded) for (const node of nodesBetween(sheet, line, area)) wanted.add(node);
    // What is chosen stays drawn, for whoever has the page read out.
    if (view.chosen !== null && isShown(sheet, view.chosen)) wanted.add(view.chosen);
    this.#removeBut(wanted);
    for (const node of wanted) this.#place(node, sheet, view, rows);
    this.#annotate(lines, sheet, visible.left);
    this.#links.setAttribute("d", linksIn(sheet, rows, area));
    this.#point(view);
  }

  #removeBut(wanted: ReadonlySet<StreeNode>): void {
    for (const [node, box] of this.#drawn) {
      if (wanted.has(node)) continue;
      box.remove();
      this.#drawn.delete(node);
    }
  }

  #place(node: StreeNode, sheet: Sheet, view: View, rows: Rows): void {
    let box = this.#drawn.get(node);
    if (box === undefined) {
      box = this.#boxOf(node);
      this.#drawn.set(node, box);
      this.#boxes.append(box);
    }
    const line = sheet.byRow.get(node.row)!;
    set(box, "x", String(xOf(sheet, rows.columnOf(node), line)));
    set(box, "y", String(line.y));
    set(box, "aria-selected", String(node === view.chosen));
    set(box, "class", view.search.matches(node) ? "stree-node" : "stree-node stree-other");
  }

  #boxOf(node: StreeNode): SVGSVGElement {
    const described = describe(node.value);
    const { kind } = described;
    const text = printable(this.#textOf?.(node.value) ?? described.text);
    const { boxWidth: width, boxHeight: height } = size;
    const box = svg.make("svg", {
      id: `${this.#id}-${node.index}`,
      role: "option",
      "data-node": node.index,
      "data-row": node.row,
      "data-kind": kind,
      width,
      height,
    });
    box.style.setProperty("--hue", String(hueOf(kind)));
    box.append(
      svg.make("title", {}, text === "" ? kind : `${kind}: ${text}`),
      svg.make("rect", { x: 1, y: 1, width: width - 2, height: height - 2, rx: 5 }),
      svg.make("text", { class: "stree-kind", x: 8, y: 16 }, cut(kind, kindMax)),
      svg.make("text", { class: "stree-index", x: width - 7, y: 16 }, this.#numberOf(node)),
      svg.make("text", { class: "stree-text", x: 8, y: 32 }, cut(text, textMax)),
    );
    return box;
  }

  /** Folded rows say how much is in them. */
  #annotate(lines: readonly Line[], sheet: Sheet, left: number): void {
    const notes = lines
      .filter(({ folded }) => folded)
      .map((line) => {
        const { row, y, count } = line;
        const x = Math.max(xOf(sheet, row.start, line), left + size.margin);
        const { kind } = describe(row.nodes[count - 1]!.value);
        return svg.make("text", { x, y: y + 17 }, `${count} ${count === 1 ? "node" : "nodes"}, the last ${kind}`);
      });
    this.#notes.replaceChildren(...notes);
  }

  /** Tells assistive technology which node is chosen. */
  #point({ chosen }: View): void {
    const box = chosen === null ? undefined : this.#drawn.get(chosen);
    if (box === undefined) this.element.removeAttribute("aria-activedescendant");
    else set(this.element, "aria-activedescendant", box.id);
  }
}

/** Whether the node is on the sheet and not in a folded row. */
export function isShown(sheet: Sheet, node: StreeNode): boolean {
  const line = sheet.byRow.get(node.row);
  if (line === undefined || line.folded) return false;
  const place = countUpTo(line.row, node.index) - 1;
  return place < line.count && line.row.nodes[place] === node;
}

function widened({ left, right, top, bottom }: Area): Area {
  return { left: left - beyond, right: right + beyond, top: top - beyond, bottom: bottom + beyond };
}

/** The nodes of a line between two edges. */
export function nodesBetween(sheet: Sheet, { row, count, shift }: Line, { left, right }: Area): readonly StreeNode[] {
  const begin = sheet.firstColumn - row.start - shift;
  const columnAt = (x: number): number => Math.floor((x - size.margin) / size.column) + begin;
  const first = Math.max(0, columnAt(left), begin);
  return row.nodes.slice(first, Math.max(first, Math.min(count, columnAt(right) + 1)));
}

/** One path for all that joins boxes: along each row, and from where a row branched down to it. */
function linksIn(sheet: Sheet, rows: Rows, area: Area): string {
  const parts: string[] = [];
  const reach = new Map<StreeNode, number>();
  for (const line of sheet.lines) {
    const { row, y, count, folded } = line;
    const [from, to] = [xOf(sheet, row.start, line), xOf(sheet, row.start + count - 1, line)];
    const middle = y + (folded ? size.folded : size.boxHeight) / 2;
    if (y + size.row >= area.top && y <= area.bottom && to > from && !folded) parts.push(`M${from} ${middle}H${to}`);
    const above = row.parent === null ? undefined : sheet.byRow.get(row.parent.row);
    // What does not lie where it branched is not joined to it.
    if (above === undefined || above.shift !== line.shift || y + size.row < area.top || above.y > area.bottom) continue;
    reach.set(row.parent!, Math.max(reach.get(row.parent!) ?? 0, middle));
    if (y <= area.bottom) parts.push(`M${from - stem} ${middle}H${from}`);
  }
  for (const [parent, bottom] of reach) {
    const line = sheet.byRow.get(parent.row)!;
    const { y, folded } = line;
    const x = xOf(sheet, rows.columnOf(parent) + 1, line) - stem;
    if (x < area.left || x > area.right) continue;
    parts.push(`M${x} ${y + (folded ? size.folded : size.boxHeight) / 2}V${bottom}`);
  }
  return parts.join("");
}

/** How far in front of its first box the line from above comes down to a row. */
const stem = (size.column - size.boxWidth) / 2;

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${[...text.slice(0, max)].slice(0, max - 1).join("")}…`;
}

function set(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
