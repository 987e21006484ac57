/** What the bar above a picture tells about. */
export interface ControlEvents {
  filter(text: string): void;
  /** How many of the nodes that take a place are to be shown, at least one; infinite for all. */
  scrub(count: number): void;
  foldAll(folded: boolean): void;
  follow(on: boolean): void;
}

/** What the bar says. */
export interface Standing {
  /** The nodes that take a place; further ones are hidden. */
  readonly nodes: number;
  readonly hidden: number;
  /** How many of them had come at the time that is looked at, and what the last of those is called. */
  readonly count: number;
  readonly last: string;
  readonly rows: number;
  readonly rowsShown: number;
  readonly follows: boolean;
  readonly searching: boolean;
}

/** The bar above a picture: filter, folding, time, following, counts. */
export class Controls {
  readonly element = document.createElement("div");
  readonly #filter = input("search");
  readonly #time = input("range");
  readonly #follow = input("checkbox");
  readonly #counts = document.createElement("output");

  constructor(events: ControlEvents) {
    this.element.className = "stree-bar";
    this.#filter.placeholder = "Filter rows";
    this.#filter.setAttribute("aria-label", "Filter rows by what their nodes hold");
    this.#filter.addEventListener("input", () => events.filter(this.#filter.value));
    this.#time.addEventListener("input", () => {
      const { value, max } = this.#time;
      events.scrub(value === max ? Number.POSITIVE_INFINITY : Number(value) + 1);
    });
    this.#follow.addEventListener("change", () => events.follow(this.#follow.checked));
    this.element.append(
      this.#filter,
      button("Fold", () => events.foldAll(true)),
      button("Unfold", () => events.foldAll(false)),
      labelled("Time", this.#time),
      labelled("Follow", this.#follow),
      this.#counts,
    );
  }

  show({ nodes, hidden, count, last, rows, rowsShown, follows, searching }: Standing): void {
    const isPast = count < nodes;
    this.#time.max = String(Math.max(0, nodes - 1));
    this.#time.value = String(Math.max(0, count - 1));
    this.#time.disabled = nodes < 2;
    this.#time.setAttribute("aria-valuetext", isPast ? `up to node ${last}` : "now");
    this.#follow.checked = follows;
    const until = isPast ? `up to node ${last}: ${count} of ` : "";
    const besides = hidden > 0 ? ` (${hidden} hidden)` : "";
    const some = rowsShown === rows ? "" : `${rowsShown} of `;
    const so = searching ? ", searching" : "";
    this.#counts.textContent = `${until}${counted(nodes, "node")}${besides}, ${some}${counted(rows, "row")}${so}`;
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function input(type: string): HTMLInputElement {
  const element = document.createElement("input");
  element.type = type;
  return element;
}

function button(text: string, run: () => void): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = text;
  element.addEventListener("click", run);
  return element;
}

function labelled(text: string, control: HTMLElement): HTMLLabelElement {
  const label = document.createElement("label");
  label.append(text, " ", control);
  return label;
}
