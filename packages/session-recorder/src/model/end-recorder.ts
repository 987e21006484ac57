import { kindOf } from "./frame-line.js";
import { contentBytesMax, toHex } from "./hex.js";
import type { NewStep, StepKind } from "./step.js";

/** What happens to an end beside its frames, and the kinds of step that it is. */
const kinds = {
  refused: "refuse",
  attached: "connect",
  admitted: "admit",
  connected: "open",
  reconnected: "open",
  secure: "open",
  disconnected: "cut",
  resumed: "resume",
  dropped: "drop",
  error: "error",
  "extension-error": "error",
  closed: "close",
} as const satisfies Record<string, StepKind>;

/** What happens to an end beside its frames, by the names on the channel `camp:session`. */
export type EndEvent = keyof typeof kinds;

/** What else is known of an event. */
export interface EventDetails {
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
  readonly error?: Error | undefined;
}

/** A frame as it passes. */
export interface PassingFrame {
  readonly direction: "in" | "out";
  /** Type, numbers and sizes in one line; asked for once. */
  readonly description: string;
  readonly bytes: number;
  /** The frame without secrets; asked for only where payloads are recorded. */
  content(): Uint8Array;
}

/** Texts of others are kept to this length. */
const reasonMax = 200;
const lineMax = 300;

/** Writes what happens to one end into its row. */
export class EndRecorder {
  readonly #payloads: boolean;
  readonly #add: (step: NewStep, connections: number) => void;
  #connections = 0;
  #over = false;

  /** @internal `Recorder.watch` makes them. */
  constructor(payloads: boolean, add: (step: NewStep, connections: number) => void) {
    this.#payloads = payloads;
    this.#add = add;
  }

  /** A frame came or left. */
  frame(frame: PassingFrame): void {
    const { direction, description, bytes } = frame;
    const hex = this.#payloads && bytes <= contentBytesMax ? { hex: toHex(frame.content()) } : {};
    this.#step({
      handler: kindOf(description, direction),
      direction,
      frame: description.slice(0, lineMax),
      bytes,
      ...hex,
    });
  }

  /** Something else happened. */
  event(event: EndEvent, details: EventDetails = {}): void {
    if (event === "attached") this.#connections++;
    this.#step(eventStep(event, details));
    this.#over ||= event === "closed";
  }

  /** What comes after the end, such as the frames of a connection that still closes, belongs to no row. */
  #step(step: NewStep): void {
    if (!this.#over) this.#add(step, this.#connections);
  }
}

/** An event as a step. An error tells its name and what it says. */
export function eventStep(event: EndEvent, { code, reason, error }: EventDetails): NewStep {
  const why = error === undefined ? reason : `${error.name}: ${error.message}`;
  return {
    ...{ handler: kinds[event], event },
    ...(code === undefined ? {} : { code }),
    ...(why ? { reason: why.slice(0, reasonMax) } : {}),
  };
}
