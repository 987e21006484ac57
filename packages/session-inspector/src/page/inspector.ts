import {
  type Belief,
  linesOf,
  type Recorded,
  Recording,
  type RecordingError,
  type RowHead,
  type Step,
} from "session-recorder";
import { printable, type StreeNode } from "state-tree";
import { type DrawnTree, renderStree } from "state-tree-view";
import { Counters, type RecorderFigures } from "./counters.js";
import { Detail } from "./detail.js";
import { button, el } from "./dom.js";
import type { FeedListener } from "./feed.js";
import { Filters } from "./filters.js";
import { History } from "./history.js";
import { Waiting } from "./waiting.js";

/** The largest file that is read. */
const fileBytesMax = 256 * 1024 * 1024;
const countersMs = 1000;

/** The page: the live tree of all sessions, what a chosen step was, and figures. */
export class Inspector implements FeedListener {
  readonly element = el("div", { class: "inspector" });
  readonly #again: () => void;
  readonly #history = new History();
  readonly #waiting = new Waiting();
  readonly #counters = new Counters();
  readonly #detail = new Detail();
  readonly #filters = new Filters(this.#history.recorded, () => this.#drawing.only(this.#filters.isWanted));
  readonly #trouble = el("p", { class: "trouble", role: "status", hidden: true });
  readonly #picture = el("div", { class: "picture" });
  readonly #pause = button("Pause", () => this.#setPaused(!this.#paused), { "aria-pressed": "false" });
  readonly #back = button("Back to live", () => this.#show(null));
  #tree: DrawnTree = this.#history.recorded.tree;
  readonly #drawing = renderStree(this.#tree, this.#picture, {
    align: "end",
    textOf,
    numberOf: ({ value }) => String((value as Partial<Step>).number ?? "–"),
    rowNameOf: (leaf) => String((leaf.residue() as Partial<Belief>).row ?? 0),
    onChoose: (node) => this.#chosen(node),
  });
  #figures: RecorderFigures = {};
  #missed = 0;
  #paused = false;
  #folding = false;
  /** A recording from a file, in the place of what goes on. */
  #file: Recording | null = null;

  /** @param again asks for the recording from its beginning: `begins` and what follows it come anew */
  constructor(again: () => void) {
    this.#again = again;
    this.#back.hidden = true;
    const { sessions, kinds } = this.#filters;
    this.element.append(
      el("header", { class: "top" }, el("h1", {}, "Sessions"), this.#counters.element),
      el("div", { class: "bar" }, sessions, kinds, this.#pause, ...this.#fileButtons(), this.#back),
      this.#trouble,
      el("main", {}, this.#picture, this.#detail.element),
    );
    setInterval(() => this.#look(), countersMs);
    this.#look();
  }

  // ---- what the feed brings

  begins(): void {
    if (this.#paused) {
      this.#waiting.giveUp();
      return;
    }
    this.#history.begin();
    if (this.#file === null) this.#begin(this.#filters.session);
  }

  lines(lines: readonly string[]): void {
    for (const line of lines) {
      if (line.startsWith('{"inspector":')) this.#told(line);
      else if (this.#paused) this.#waiting.add(line);
      else this.#history.add(line);
    }
    const { tree } = this.#history.recorded;
    if (this.#file === null && this.#tree !== tree) this.#fold(tree);
  }

  trouble(text: string | null): void {
    this.#trouble.hidden = text === null;
    this.#trouble.textContent = printable(text ?? "");
  }

  #told(line: string): void {
    const { inspector, ...details } = JSON.parse(line) as { inspector: string; steps?: number };
    if (inspector === "figures") this.#figures = details;
    if (inspector !== "missed") return;
    this.#missed += details.steps ?? 0;
    this.begins();
    if (this.#paused) return;
    this.trouble(
      `Too much at once: ${this.#missed} steps were left out. What follows begins with what each session has come to.`,
    );
  }

  // ---- the picture

  get #shown(): Recorded {
    return this.#file ?? this.#history.recorded;
  }

  /** Another recording takes the place of the one that was shown; of one session alone, if that is given. */
  #begin(session: number | null = null): void {
    this.#filters.begin(this.#shown, session);
    this.#tree = this.#shown.tree;
    this.#drawing.replace(this.#tree);
    this.#detail.forget();
  }

  /** The recording is the same; its older steps are not in the new tree. */
  #fold(tree: DrawnTree): void {
    this.#folding = true;
    this.#tree = tree;
    this.#drawing.replace(tree);
    this.#folding = false;
  }

  #chosen(node: StreeNode | null): void {
    if (node === null && this.#folding) this.#detail.foldedAway();
    else this.#detail.show(node);
  }

  #look(): void {
    const missed = this.#missed + this.#waiting.lost;
    this.#counters.show(this.#shown, this.#figures, { missed, faults: this.#history.faults });
    this.#filters.list();
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#pause.textContent = paused ? "Go on" : "Pause";
    this.#pause.setAttribute("aria-pressed", String(paused));
    if (paused) return;
    const lines = this.#waiting.take();
    if (lines !== null) this.lines(lines);
    else this.#askAgain();
  }

  #askAgain(): void {
    this.trouble(
      "More came during the pause than can wait: this begins anew, with the steps that the process still has.",
    );
    this.#again();
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
    const text = [...linesOf(this.#shown)].join("\n");
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
    this.#begin();
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
