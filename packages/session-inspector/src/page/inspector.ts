import { linesOf, Recording, type RecordingError, type RowHead, type Step, stepKinds } from "session-recorder";
import { renderStree } from "state-tree-view";
import { Counters, type RecorderFigures } from "./counters.js";
import { Detail } from "./detail.js";
import { button, el } from "./dom.js";
import type { FeedListener } from "./feed.js";
import { History } from "./history.js";

/** Lines that wait while the page pauses; with more it begins anew when it goes on. */
const pausedLinesMax = 50_000;
/** The largest file that is read. */
const fileBytesMax = 256 * 1024 * 1024;
const countersMs = 1000;

/** The page: the live tree of all sessions, what a chosen step was, and figures. */
export class Inspector implements FeedListener {
  readonly element = el("div", { class: "inspector" });
  readonly #history = new History();
  readonly #counters = new Counters();
  readonly #detail = new Detail();
  readonly #trouble = el("p", { class: "trouble", role: "status", hidden: true });
  readonly #picture = el("div", { class: "picture" });
  readonly #sessions = el("select", { "aria-label": "Session" });
  readonly #pause = button("Pause", () => this.#setPaused(!this.#paused), { "aria-pressed": "false" });
  readonly #back = button("Back to live", () => this.#show(null));
  #drawing: { stop(): void } | null = null;
  #edition = -1;
  #figures: RecorderFigures = {};
  #missed = 0;
  #paused = false;
  #waiting: string[] = [];
  /** Lines were left out while the page paused. */
  #lost = 0;
  /** A recording from a file, in the place of what goes on. */
  #file: Recording | null = null;

  constructor() {
    this.#back.hidden = true;
    this.#sessions.addEventListener("change", () => {
      this.#history.only(this.#sessions.value === "" ? null : Number(this.#sessions.value));
      this.#draw();
    });
    this.element.append(
      el("header", { class: "top" }, el("h1", {}, "Sessions"), this.#counters.element),
      el("div", { class: "bar" }, this.#sessions, this.#kinds(), this.#pause, ...this.#fileButtons(), this.#back),
      this.#trouble,
      el("main", {}, this.#picture, this.#detail.element),
    );
    setInterval(() => this.#look(), countersMs);
    this.#draw();
    this.#look();
  }

  // ---- what the feed brings

  begins(): void {
    this.#waiting = [];
    this.#lost = 0;
    this.#history.begin();
  }

  lines(lines: readonly string[]): void {
    for (const line of lines) {
      if (line.startsWith('{"inspector":')) this.#told(line);
      else if (!this.#paused) this.#history.add(line);
      else if (this.#waiting.length < pausedLinesMax) this.#waiting.push(line);
      else this.#lost++;
    }
    if (this.#edition !== this.#history.edition && this.#file === null) this.#draw();
  }

  trouble(text: string | null): void {
    this.#trouble.hidden = text === null;
    this.#trouble.textContent = text ?? "";
  }

  #told(line: string): void {
    const { inspector, ...details } = JSON.parse(line) as { inspector: string; steps?: number };
    if (inspector === "figures") this.#figures = details;
    if (inspector !== "missed") return;
    this.#missed += details.steps ?? 0;
    this.begins();
    this.trouble(
      `Too much at once: ${this.#missed} steps were left out. What follows begins with what each session has come to.`,
    );
  }

  // ---- the picture

  #draw(): void {
    this.#edition = this.#history.edition;
    this.#drawing?.stop();
    this.#picture.replaceChildren();
    this.#detail.forget();
    const { tree } = this.#file ?? this.#history.shown;
    this.#drawing = renderStree(tree, this.#picture, {
      align: "end",
      textOf,
      onChoose: (node) => this.#detail.show(node),
    });
  }

  #look(): void {
    const recorded = this.#file ?? this.#history.all;
    this.#counters.show(recorded, this.#figures, this.#missed + this.#lost);
    this.#listSessions();
  }

  #listSessions(): void {
    const names = [...this.#history.rows.values()].map(({ row, role, dialect, session, ended }) => ({
      row,
      name: row === 0 ? "the process" : `${row}: ${dialect} ${role} ${session}${ended ? " (ended)" : ""}`,
    }));
    const wanted = [["", "All sessions"], ...names.map(({ row, name }) => [String(row), name])];
    if (document.activeElement === this.#sessions) return; // a list that is open must not change under one's hands
    const { value } = this.#sessions;
    this.#sessions.replaceChildren(...wanted.map(([number, name]) => el("option", { value: number! }, name!)));
    this.#sessions.value = value;
    this.#sessions.disabled = this.#file !== null;
  }

  /** A chip for each kind: steps of the others stay in the background. */
  #kinds(): HTMLElement {
    const chips = stepKinds.map((kind) => {
      const chip = button(kind, () => {
        const hidden = this.#picture.classList.toggle(`without-${kind}`);
        chip.setAttribute("aria-pressed", String(!hidden));
      });
      chip.setAttribute("aria-pressed", "true");
      return chip;
    });
    return el("div", { class: "kinds", role: "group", "aria-label": "Kinds of steps" }, ...chips);
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#pause.textContent = paused ? "Go on" : "Pause";
    this.#pause.setAttribute("aria-pressed", String(paused));
    if (paused) return;
    const lines = this.#waiting;
    this.#waiting = [];
    this.lines(lines);
  }

  // ---- recordings as files

  #fileButtons(): HTMLElement[] {
    const input = el("input", { type: "file", accept: ".jsonl", hidden: true, "aria-label": "A recording" });
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (file !== undefined) void this.#open(file);
      input.value = "";
    });
    return [input, button("Export", () => this.#export()), button("Import", () => input.click())];
  }

  #export(): void {
    const text = [...linesOf(this.#file ?? this.#history.all)].join("\n");
    const url = URL.createObjectURL(new Blob([text, "\n"], { type: "application/jsonl" }));
    el("a", { href: url, download: "sessions.jsonl" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }

  async #open(file: File): Promise<void> {
    if (file.size > fileBytesMax) return this.trouble(`The file has more than ${fileBytesMax / 2 ** 20} MiB.`);
    try {
      this.#show(Recording.read(await file.text()));
      this.trouble(null);
    } catch (error) {
      this.trouble(`This is no recording: ${(error as RecordingError).message}`);
    }
  }

  #show(file: Recording | null): void {
    this.#file = file;
    this.#back.hidden = file === null;
    this.#draw();
    this.#look();
  }
}

/** A step in a few words. */
function textOf(value: unknown): string | undefined {
  const { direction, frame, event, code, reason, dialect, role, session } = value as Partial<Step & RowHead>;
  if (frame !== undefined) return `${direction === "in" ? "←" : "→"} ${frame}`;
  if (event !== undefined) return [event, code, reason].filter((part) => part !== undefined).join(" ");
  return dialect === undefined ? undefined : `${dialect} ${role} ${session}`;
}
