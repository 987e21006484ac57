import { type Recorded, type Row, type StepKind, stepKinds } from "session-recorder";
import { printable, type StreeNode } from "state-tree";
import { button, el } from "./dom.js";

/** Which steps are shown: of one session or all, of which kinds. */
export class Filters {
  readonly sessions = el("select", { "aria-label": "Session" });
  readonly kinds = el("div", { class: "kinds", role: "group", "aria-label": "Kinds of steps" });
  readonly #hidden = new Set<unknown>();
  #recorded: Recorded;
  #session: number | null = null;
  #listed = "";

  /** @param changed called each time that other steps are wanted */
  constructor(recorded: Recorded, changed: () => void) {
    this.#recorded = recorded;
    this.kinds.append(...stepKinds.map((kind) => this.#chip(kind, changed)));
    this.sessions.addEventListener("change", () => {
      const { value } = this.sessions;
      this.#session = value === "" ? null : Number(value);
      changed();
    });
    this.#list();
  }

  /** The session that is shown alone, or null. */
  get session(): number | null {
    return this.#session;
  }

  /** Goes over to another recording. */
  begin(recorded: Recorded, session: number | null): void {
    this.#recorded = recorded;
    this.#session = session;
    this.#list();
  }

  readonly isWanted = ({ row, value }: StreeNode): boolean => {
    if (this.#hidden.has((value as { readonly handler?: StepKind }).handler)) return false;
    return this.#session === null || this.#recorded.rows.get(this.#session)?.leaf.row === row;
  };

  /** Brings the list of sessions up to date. */
  list(): void {
    // A list that is open must not change under one's hands.
    if (document.activeElement !== this.sessions) this.#list();
  }

  #list(): void {
    const names = new Map([["", "All sessions"]]);
    for (const row of this.#recorded.rows.values()) names.set(String(row.row), nameOf(row));
    const chosen = this.#session === null ? "" : String(this.#session);
    if (!names.has(chosen)) names.set(chosen, `${chosen}: gone`);
    const listed = JSON.stringify([...names]);
    if (listed !== this.#listed) {
      this.sessions.replaceChildren(...[...names].map(([value, name]) => el("option", { value }, name)));
    }
    this.#listed = listed;
    this.sessions.value = chosen;
  }

  #chip(kind: StepKind, changed: () => void): HTMLButtonElement {
    const press = (): void => {
      const isShown = this.#hidden.delete(kind);
      if (!isShown) this.#hidden.add(kind);
      chip.setAttribute("aria-pressed", String(isShown));
      changed();
    };
    const chip = button(kind, press, { "aria-pressed": "true" });
    return chip;
  }
}

function nameOf({ row, role, dialect, session, ended }: Row): string {
  return row === 0 ? "the process" : printable(`${row}: ${dialect} ${role} ${session}${ended ? " (ended)" : ""}`);
}
