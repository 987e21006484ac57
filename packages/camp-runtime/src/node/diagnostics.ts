import { channel } from "node:diagnostics_channel";
import { debuglog } from "node:util";
import type { SessionTraceDetails, SessionTraceEvent } from "camp-runtime";
import type { FrameTrace } from "camp-session";

/** A message on the channel `camp:session`. It never holds a token, a URL or a payload. */
export interface SessionTraceMessage extends SessionTraceDetails {
  readonly event: SessionTraceEvent;
  /** The session's id; null when the request was refused before one was known. */
  readonly id: bigint | string | null;
}

/** A message on the channel `camp:frame`: read it inside the subscriber, its memory moves on. */
export interface FrameTraceMessage {
  readonly direction: "in" | "out";
  /** The id of the session that sends or receives the frame. */
  readonly id: bigint | string;
  readonly bytes: number;
  /** Type, numbers and sizes of the frame in one line, without any of its content. Decodes when it is read. */
  readonly description: string;
}

const sessionChannel = channel("camp:session");
const frameChannel = channel("camp:frame");
const printsSessions = isDebugged("camp:session");
const printsFrames = isDebugged("camp:frame");

/**
 * Tells of a session to the subscribers of the diagnostics channel `camp:session`, and on stderr if the process was
 * started with NODE_DEBUG=camp or DEBUG=camp:*. Costs nothing else.
 */
export function traceSession(
  event: SessionTraceEvent,
  id: bigint | string | null,
  details?: SessionTraceDetails,
): void {
  if (sessionChannel.hasSubscribers) {
    sessionChannel.publish({ event, id, ...details } satisfies SessionTraceMessage);
  }
  if (printsSessions) print("camp:session", id, `${event}${detailsText(details)}`);
}

/** A frame of some dialect in one line, without any of its content. Throws for bytes that are none. */
type DescribeFrame = (frame: Uint8Array) => string;

/** Watches the frames of one session for the channel `camp:frame` and for stderr, as above. */
export class SessionFrameTrace implements FrameTrace {
  readonly #id: bigint | string;
  readonly #describe: DescribeFrame;

  constructor(id: bigint | string, describe: DescribeFrame) {
    this.#id = id;
    this.#describe = describe;
  }

  get active(): boolean {
    return printsFrames || frameChannel.hasSubscribers;
  }

  frame(direction: "in" | "out", bytes: Uint8Array): void {
    const message = new TracedFrame(direction, this.#id, bytes, this.#describe);
    frameChannel.publish(message);
    if (printsFrames) print("camp:frame", this.#id, `${direction} ${message.description}`);
  }
}

class TracedFrame implements FrameTraceMessage {
  readonly direction: "in" | "out";
  readonly id: bigint | string;
  readonly bytes: number;
  readonly #frame: Uint8Array;
  readonly #describe: DescribeFrame;

  constructor(direction: "in" | "out", id: bigint | string, frame: Uint8Array, describe: DescribeFrame) {
    this.direction = direction;
    this.id = id;
    this.bytes = frame.byteLength;
    this.#frame = frame;
    this.#describe = describe;
  }

  get description(): string {
    try {
      return this.#describe(this.#frame);
    } catch (error) {
      return `not a frame: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

function detailsText(details: SessionTraceDetails = {}): string {
  const { code, reason, status, error } = details;
  const parts = [
    code ?? status,
    reason && JSON.stringify(reason),
    error && `${error.name}: ${JSON.stringify(error.message)}`,
  ];
  return parts.map((part) => (part ? ` ${part}` : "")).join("");
}

/** Whoever reads a log must not learn ids: the last digits tell sessions apart. */
function print(section: string, id: bigint | string | null, text: string): void {
  const name = id === null ? "-" : `…${String(id).slice(-4)}`;
  process.stderr.write(`${section} ${process.pid} ${name} ${text}\n`);
}

/** Whether NODE_DEBUG or DEBUG ask for a section: by its name, with `*` for any part, in DEBUG `-name` leaves one out. */
function isDebugged(section: string): boolean {
  if (debuglog("camp").enabled || debuglog(section).enabled) return true;
  const names = (process.env.DEBUG ?? "").split(/[\s,]+/).filter((name) => name !== "");
  const matches = (name: string) =>
    new RegExp(`^${name.replaceAll(/[^\w*]/g, "\\$&").replaceAll("*", ".*")}$`).test(section);
  return names.some(matches) && !names.some((name) => name.startsWith("-") && matches(name.slice(1)));
}
