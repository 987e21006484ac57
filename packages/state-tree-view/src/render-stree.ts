import type { StreeNode } from "state-tree";
import { Controls } from "./controls.js";
import { Detail } from "./detail.js";
import { nodeAfterKey } from "./navigation.js";
import { type Area, Picture, type TextOf } from "./picture.js";
import { RowLabels } from "./row-labels.js";
import { type DrawnTree, Rows } from "./rows.js";
import { Search } from "./search.js";
import { layOut, type Sheet, size, type View, xOf } from "./sheet.js";
import { addStyle } from "./style.js";

/** What else a picture does. */
export interface RenderOptions {
  /** Told which node is chosen, or null when none is any more. It is shown in the picture's own panel otherwise. */
  readonly onChoose?: (node: StreeNode | null) => void;
  /** What boxes say below their kind; by default, and where it gives undefined, what their values hold. */
  readonly textOf?: TextOf;
  /** "start", the default: rows begin where they branch. "end": they end in one column, so that the newest of all are seen together. */
  readonly align?: "start" | "end";
}

/** How long a filter may look at nodes within one frame, in milliseconds. */
const searchMs = 6;

/**
 * Draws a tree into an element, as SVG that grows with it: a line for each row, an element with `data-node` and `data-row` for
 * each node. Rows can be folded and filtered, the tree seen as it was at an earlier node, and a chosen node shows value and
 * residue. Only what is in view has elements. Everything that values hold is shown as text.
 *
 * @returns `stop`, after which the picture no longer grows; it stays until its element is removed
 * @throws {TypeError} without a tree or an element
 */
export function renderStree(tree: DrawnTree, parentElement: Element, options: RenderOptions = {}): { stop(): void } {
  if (typeof tree?.onAdd !== "function") throw new TypeError("renderStree draws a tree, as stree() makes one");
  if (!(parentElement instanceof Element)) throw new TypeError("renderStree draws into an element; is its id right?");
  const drawing = new Drawing(tree, options);
  parentElement.append(drawing.element);
  drawing.drawNow();
  return { stop: () => drawing.stop() };
}

class Drawing {
  readonly element = document.createElement("div");
  readonly #tree: DrawnTree;
  readonly #rows: Rows;
  readonly #view: View;
  readonly #scroller = document.createElement("div");
  readonly #picture: Picture;
  readonly #labels = new RowLabels((row) => this.#fold(row));
  readonly #detail = new Detail();
  readonly #onChoose: (node: StreeNode | null) => void;
  readonly #controls: Controls;
  readonly #endAdding: () => void;
  #sheet: Sheet;
  /** The chosen node that was last told of. */
  #told: StreeNode | null = null;
  #edition = 0;
  #follows = true;
  #stopped = false;
  #frame: number | null = null;
  /** Whether more than the scroll position has changed. */
  #changed = true;

  constructor(tree: DrawnTree, { onChoose, textOf, align = "start" }: RenderOptions) {
    const alignsEnds = align === "end";
    this.#view = { time: Infinity, search: new Search(""), folded: new Set(), chosen: null, alignsEnds };
    this.#picture = new Picture(textOf);
    this.#onChoose = onChoose ?? ((node) => this.#detail.show(node));
    addStyle(document);
    this.#tree = tree;
    this.#rows = new Rows(tree);
    this.#sheet = layOut(this.#rows, this.#view);
    this.#controls = new Controls({
      filter: (text) => this.#change({ search: new Search(text) }),
      scrub: (time) => this.#scrub(time),
      foldAll: (folded) => this.#foldAll(folded),
      follow: (on) => this.#follow(on),
    });
    this.#assemble();
    this.#listen();
    this.#endAdding = tree.onAdd(() => this.#change());
    new ResizeObserver(() => this.#soon()).observe(this.#scroller);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#endAdding();
    this.drawNow();
    this.#stopped = true;
  }

  drawNow(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
    const searched = this.#changed ? this.#layOut() : true;
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.#scroller;
    const area: Area = {
      left: scrollLeft,
      right: scrollLeft + clientWidth,
      top: scrollTop,
      bottom: scrollTop + clientHeight,
    };
    this.#picture.draw(this.#sheet, this.#view, this.#rows, area);
    this.#labels.draw(this.#sheet, area.top, area.bottom);
    if (this.#told !== this.#view.chosen) {
      this.#told = this.#view.chosen;
      this.#onChoose(this.#told);
    }
    if (!searched) this.#change();
  }

  /** Brings sheet and bar up to date. Returns whether the filter has looked at all nodes. */
  #layOut(): boolean {
    const { nodes } = this.#tree;
    if (!this.#stopped) this.#rows.update();
    if (this.#edition !== this.#rows.editions) this.#beginAnew();
    const end = performance.now() + searchMs;
    const searched = this.#view.search.goOn(nodes, () => performance.now() > end);
    this.#sheet = layOut(this.#rows, this.#view);
    this.#changed = false;
    this.#picture.resize(this.#sheet);
    if (this.#follows) this.#scroller.scrollLeft = this.#sheet.width;
    this.#controls.show({
      nodes: nodes.length,
      rows: this.#rows.list.length,
      rowsShown: this.#sheet.lines.length,
      time: this.#view.time,
      follows: this.#follows,
      searching: !searched,
    });
    return searched;
  }

  /** A row was compacted: nodes are gone, and others have other values. */
  #beginAnew(): void {
    this.#edition = this.#rows.editions;
    this.#picture.clear();
    this.#view.search = new Search(this.#view.search.text);
    const { chosen } = this.#view;
    if (chosen !== null && this.#rows.columnOf(chosen) === -1) this.#view.chosen = null;
    this.#told = null;
    this.#onChoose(null);
  }

  #change(change: Partial<View> = {}): void {
    Object.assign(this.#view, change);
    this.#changed = true;
    this.#soon();
  }

  #soon(): void {
    this.#frame ??= requestAnimationFrame(() => this.drawNow());
  }

  #fold(row: number): void {
    const { folded } = this.#view;
    if (!folded.delete(row)) folded.add(row);
    this.#change();
  }

  #foldAll(folded: boolean): void {
    this.#view.folded.clear();
    if (folded) for (const { number } of this.#rows.list) this.#view.folded.add(number);
    this.#change();
  }

  #follow(on: boolean): void {
    if (this.#follows === on) return;
    this.#follows = on;
    this.#change(on ? { time: Infinity } : {});
  }

  #scrub(time: number): void {
    this.#follow(false);
    this.#change({ time });
    this.drawNow();
    const node = this.#tree.nodes[Math.min(time, this.#tree.nodes.length - 1)];
    if (node) this.#reveal(node);
  }

  #choose(node: StreeNode | null): void {
    this.#view.chosen = node;
    if (node !== null) this.#reveal(node);
    this.#follow(false);
    this.drawNow();
  }

  /** Scrolls as little as is needed to have the node in view. */
  #reveal(node: StreeNode): void {
    const line = this.#sheet.byRow.get(node.row);
    if (line === undefined) return;
    const scroller = this.#scroller;
    const x = xOf(this.#sheet, this.#rows.columnOf(node), line);
    const right = x + size.column + this.#labels.element.offsetWidth - scroller.clientWidth;
    scroller.scrollLeft = Math.max(right, Math.min(scroller.scrollLeft, x - size.margin));
    const bottom = line.y + size.row - scroller.clientHeight;
    scroller.scrollTop = Math.max(bottom, Math.min(scroller.scrollTop, line.y - size.margin));
  }

  #assemble(): void {
    this.element.className = "stree";
    this.#scroller.className = "stree-scroll";
    this.#scroller.append(this.#labels.element, this.#picture.element);
    this.element.append(this.#controls.element, this.#scroller, this.#detail.element);
  }

  #listen(): void {
    const picture = this.#picture.element;
    this.#scroller.addEventListener("scroll", () => this.#soon(), { passive: true });
    // Whoever scrolls wants to look at something.
    this.#scroller.addEventListener("wheel", () => this.#follow(false), { passive: true });
    this.#scroller.addEventListener("pointerdown", () => this.#follow(false));
    picture.addEventListener("click", ({ target }) => this.#choose(this.#picture.nodeOf(target as Element)));
    picture.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") return this.#choose(null);
      const node = nodeAfterKey(event.key, this.#view.chosen, this.#sheet, this.#rows);
      if (node === null) return;
      event.preventDefault();
      this.#choose(node);
    });
  }
}
