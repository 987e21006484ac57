/** What the bar above a picture tells about. */
export interface ControlEvents {
  filter(text: string): void;
  /** The last node to be shown; infinite for all. */
  scrub(time: number): void;
  foldAll(folded: boolean): void;
  follow(on: boolean): void;
}

/** What the bar says. */
export interface Standing {
  readonly nodes: number;
  readonly rows: number;
  readonly rowsShown: number;
  readonly time: number;
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
      events.scrub(value === max ? Number.POSITIVE_INFINITY : Number(value));
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

  show({ nodes, rows, rowsShown, time, follows, searching }: Standing): void {
    const last = Math.max(0, nodes - 1);
    this.#time.max = String(last);
    this.#time.value = String(Math.min(time, last));
    this.#time.disabled = nodes < 2;
    this.#time.setAttribute("aria-valuetext", time < last ? `up to node ${time}` : "now");
    this.#follow.checked = follows;
    const shown = rowsShown === rows ? `${rows}` : `${rowsShown} of ${rows}`;
    const until = time < last ? `node ${time} of ` : "";
    this.#counts.textContent = `${until}${nodes} nodes, ${shown} rows${searching ? ", searching" : ""}`;
  }
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
