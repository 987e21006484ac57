import type { Belief, Recorded } from "session-recorder";
import { el } from "./dom.js";

/** What the server says of its recording once a second. */
export interface RecorderFigures {
  readonly steps?: number;
  readonly foldedSteps?: number;
  readonly unrecordedRows?: number;
  readonly refused?: number;
}

interface Sums {
  readonly open: number;
  readonly framesRx: number;
  readonly framesTx: number;
  readonly bytes: number;
  readonly queued: number;
  readonly unacked: number;
  readonly dropped: number;
  readonly rttMs: number | null;
}

/** Figures of all sessions together, each with its name; rates are those since the last look. */
export class Counters {
  readonly element = el("dl", { class: "counters", "aria-label": "Figures" });
  readonly #values = new Map<string, HTMLElement>();
  #before: { readonly sums: Sums; readonly atMs: number } | null = null;

  /** @param own what this page did not show, and what it could not read */
  show(
    recorded: Recorded,
    { foldedSteps = 0, unrecordedRows = 0, refused = 0 }: RecorderFigures,
    own: { readonly missed: number; readonly faults: number },
  ): void {
    const now = { sums: sumsOf(recorded), atMs: performance.now() };
    const before = this.#before ?? now;
    this.#before = now;
    const seconds = Math.max(0.001, (now.atMs - before.atMs) / 1000);
    const rate = (of: (sums: Sums) => number): string =>
      Math.max(0, Math.round((of(now.sums) - of(before.sums)) / seconds)).toLocaleString("en");
    const { open, queued, unacked, dropped, rttMs } = now.sums;
    this.#set("open ends", String(open));
    this.#set(
      "frames in/s",
      rate(({ framesRx }) => framesRx),
    );
    this.#set(
      "frames out/s",
      rate(({ framesTx }) => framesTx),
    );
    this.#set(
      "bytes/s",
      rate(({ bytes }) => bytes),
    );
    this.#set("median RTT", rttMs === null ? "–" : `${rttMs.toFixed(1)} ms`);
    this.#set("unacknowledged", String(unacked));
    this.#set("queued", String(queued));
    this.#set("dropped", String(dropped));
    this.#set("refused", String(refused));
    this.#set("folded steps", String(foldedSteps));
    this.#set("left out", String(own.missed + unrecordedRows));
    this.#set("unreadable", String(own.faults));
  }

  #set(name: string, value: string): void {
    let element = this.#values.get(name);
    if (element === undefined) {
      element = el("dd");
      this.#values.set(name, element);
      this.element.append(el("div", {}, el("dt", {}, name), element));
    }
    if (element.textContent !== value) element.textContent = value;
  }
}

function sumsOf({ rows }: Recorded): Sums {
  const beliefs: Belief[] = [];
  for (const { row, ended, leaf } of rows.values()) if (row !== 0 && !ended) beliefs.push(leaf.residue());
  const sum = (of: (belief: Belief) => number): number => beliefs.reduce((total, belief) => total + of(belief), 0);
  const rtts = beliefs.flatMap(({ rttMs }) => (rttMs === null ? [] : [rttMs])).sort((a, b) => a - b);
  return {
    open: beliefs.length,
    framesRx: sum(({ framesRx }) => framesRx),
    framesTx: sum(({ framesTx }) => framesTx),
    bytes: sum(({ bytesRx, bytesTx }) => bytesRx + bytesTx),
    queued: sum(({ queuedFrames }) => queuedFrames),
    unacked: sum(({ unackedFrames }) => unackedFrames),
    dropped: sum(({ droppedFrames }) => droppedFrames),
    rttMs: rtts[rtts.length >> 1] ?? null,
  };
}
