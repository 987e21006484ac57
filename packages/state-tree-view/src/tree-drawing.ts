import type { StreeNode } from "state-tree";
import { type Anchor, anchorIn, cornerFor } from "./anchor.js";
import { Controls } from "./controls.js";
import { Detail } from "./detail.js";
import { nodeAfterKey } from "./navigation.js";
import { type Area, Picture } from "./picture.js";
import type { Drawing, RenderOptions } from "./render-stree.js";
import { RowLabels } from "./row-labels.js";
import { countUpTo, type DrawnTree, type IsWanted, Rows } from "./rows.js";
import { Search } from "./search.js";
import { layOut, type Sheet, size, type View, xOf } from "./sheet.js";
import { addStyle } from "./style.js";
import { Successors } from "./successors.js";

/** How long a filter may look at nodes within one frame, in milliseconds. */
const searchMs = 6;

/** The picture of a tree with all that belongs to it, and what the user made of it. */
export class TreeDrawing implements Drawing {
  readonly element = document.createElement("div");
  readonly #view: View;
  readonly #scroller = document.createElement("div");
  readonly #picture: Picture;
  readonly #labels: RowLabels;
  readonly #detail = new Detail();
  readonly #numberOf: (node: StreeNode) => string;
  readonly #onChoose: (node: StreeNode | null) => void;
  readonly #controls: Controls;
  #tree: DrawnTree;
  #rows: Rows;
  #isWanted: IsWanted = () => true;
  #endAdding: () => void;
  #sheet: Sheet;
  /** The chosen node that was last told of. */
  #told: StreeNode | null = null;
  #edition = 0;
  #follows = true;
  #stopped = false;
  #frame: number | null = null;
  /** Whether more than the scroll position has changed. */
  #changed = true;

  constructor(tree: DrawnTree, { onChoose, textOf, numberOf, rowNameOf, align = "start" }: RenderOptions) {
    const alignsEnds = align === "end";
    this.#view = { time: Infinity, search: new Search(""), folded: new Set(), chosen: null, alignsEnds };
    this.#numberOf = numberOf ?? (({ index }) => String(index));
    this.#picture = new Picture(textOf, this.#numberOf);
    this.#labels = new RowLabels((row) => this.#fold(row), rowNameOf);
    this.#onChoose = onChoose ?? ((node) => this.#detail.show(node));
    addStyle(document);
    this.#tree = tree;
    this.#rows = new Rows(tree);
    this.#sheet = layOut(this.#rows, this.#view);
    this.#controls = new Controls({
      filter: (text) => this.#change({ search: new Search(text) }),
      scrub: (count) => this.#scrub(count),
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

  replace(tree: DrawnTree): void {
    if (this.#stopped) return;
    const anchor = this.#anchor();
    const before = this.#tree;
    const successors = new Successors(tree);
    this.#endAdding();
    this.#tree = tree;
    this.#rows = new Rows(tree, this.#isWanted);
    this.#edition = 0;
    this.#endAdding = tree.onAdd(() => this.#change());
    this.#picture.clear();
    this.#takeOver(before, successors);
    const node = anchor && successors.of(anchor.node);
    this.#drawAgain(node && { ...anchor!, node });
  }

  only(isWanted: IsWanted): void {
    if (this.#stopped) return;
    const anchor = this.#anchor();
    this.#isWanted = isWanted;
    this.#rows.only(isWanted);
    this.#drawAgain(anchor);
  }

  drawNow(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
    if (this.#changed) this.#layOut(this.#anchor());
    this.#draw();
  }

  #draw(): void {
    const area = this.#area();
    this.#picture.draw(this.#sheet, this.#view, this.#rows, area);
    this.#labels.draw(this.#sheet, area.top, area.bottom);
    if (this.#told === this.#view.chosen) return;
    this.#told = this.#view.chosen;
    this.#onChoose(this.#told);
  }

  /** Other nodes have a place now, and the anchor is to stay where it is. */
  #drawAgain(anchor: Anchor | null): void {
    const { chosen, search } = this.#view;
    if (chosen !== null && this.#rows.columnOf(chosen) === -1) this.#view.chosen = null;
    this.#view.search = search.again();
    this.#layOut(anchor);
    this.#draw();
  }

  /** Brings sheet and bar up to date. */
  #layOut(anchor: Anchor | null): void {
    this.#changed = false;
    if (!this.#stopped) this.#rows.update();
    if (this.#edition !== this.#rows.editions) this.#beginAnew();
    const end = performance.now() + searchMs;
    const searched = this.#view.search.goOn(this.#rows.nodes, () => performance.now() > end);
    this.#sheet = layOut(this.#rows, this.#view);
    this.#picture.resize(this.#sheet);
    this.#scroll(anchor);
    this.#tellStanding(searched);
    if (!searched) this.#change();
  }

  #scroll(anchor: Anchor | null): void {
    if (this.#follows) {
      this.#scroller.scrollLeft = this.#sheet.width;
      return;
    }
    const corner = anchor && cornerFor(anchor, this.#sheet, this.#rows);
    if (corner) this.#scroller.scrollTo({ ...corner, behavior: "instant" });
  }

  #tellStanding(searched: boolean): void {
    const { time } = this.#view;
    const { nodes, hidden, list } = this.#rows;
    const count = countUpTo(this.#rows, time);
    const last = nodes[count - 1];
    this.#controls.show({
      nodes: nodes.length,
      hidden,
      count,
      last: last === undefined ? "none" : this.#numberOf(last),
      rows: list.length,
      rowsShown: this.#sheet.lines.length,
      follows: this.#follows,
      searching: !searched,
    });
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

  /** Finds what was chosen, folded and looked at in the tree that takes the place of `before`. */
  #takeOver(before: DrawnTree, successors: Successors): void {
    const { chosen, time, folded } = this.#view;
    if (chosen !== null) this.#view.chosen = successors.of(chosen);
    if (time !== Infinity) this.#view.time = successors.nearestTo(time, before.nodes)?.index ?? Infinity;
    const rows = [...folded].map((row) => successors.rowOf(before.branches[row]!));
    folded.clear();
    for (const row of rows) if (row !== null) folded.add(row);
  }

  #area(): Area {
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.#scroller;
    return { left: scrollLeft, right: scrollLeft + clientWidth, top: scrollTop, bottom: scrollTop + clientHeight };
  }

  /** What is looked at, so that it can stay where it is; what is followed moves. */
  #anchor(): Anchor | null {
    return this.#follows ? null : anchorIn(this.#area(), this.#sheet, this.#rows, this.#view.chosen);
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

  #scrub(count: number): void {
    this.#follow(false);
    const node = this.#rows.nodes[count - 1];
    this.#change({ time: node?.index ?? Infinity });
    this.drawNow();
    const last = node ?? this.#rows.nodes.at(-1);
    if (last) this.#reveal(last);
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
