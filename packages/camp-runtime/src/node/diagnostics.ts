import { channel } from "node:diagnostics_channel";
import { debuglog } from "node:util";
import type { SessionState, SessionTraceDetails, SessionTraceEvent } from "camp-runtime";
import type { FrameTrace, SessionStats } from "camp-session";

/** The end of a session that a message is about; for itself it shows its id and state only. */
export interface TracedSession {
  readonly id: bigint | string;
  /** Both ends may live in one process. */
  readonly role: "client" | "server";
  readonly dialect: "camp" | "cryo";
  readonly state: SessionState;
  readonly stats: SessionStats;
}

/** A message on the channel `camp:session`. It never holds a token, a URL or a payload. */
export interface SessionTraceMessage extends SessionTraceDetails {
  readonly event: SessionTraceEvent;
  /** The session's id; null when the request was refused before one was known. */
  readonly id: bigint | string | null;
  /** The session; absent where there is none, or where the message is about the server. */
  readonly session?: TracedSession;
}

/** A message on the channel `camp:frame`: read it inside the subscriber, its memory moves on. */
export interface FrameTraceMessage {
  readonly direction: "in" | "out";
  /** The id of the session that sends or receives the frame. */
  readonly id: bigint | string;
  readonly session: TracedSession;
  readonly bytes: number;
  /** Type, numbers and sizes of the frame in one line, without any of its content. Decodes when it is read. */
  readonly description: string;
  /**
   * A copy of the frame with its payload, for tools that were told to look at payloads: session id, token and secrets are zeros in
   * it. Being a method, it is not in what prints a message.
   */
  content(): Uint8Array;
}

const sessionChannel = channel("camp:session");
const frameChannel = channel("camp:frame");
const printsSessions = isDebugged("camp:session");
const printsFrames = isDebugged("camp:frame");

/** Whether anybody would hear of a session. */
export function sessionsAreTraced(): boolean {
  return printsSessions || sessionChannel.hasSubscribers;
}

/**
 * Tells of a session to the subscribers of the diagnostics channel `camp:session`, and on stderr if the process was
 * started with NODE_DEBUG=camp or DEBUG=camp:*. Costs nothing else.
 */
export function traceSession(
  event: SessionTraceEvent,
  id: bigint | string | null,
  details?: SessionTraceDetails,
  session?: TracedSession,
): void {
  if (sessionChannel.hasSubscribers) {
    sessionChannel.publish({ event, id, ...details, ...(session && { session }) } satisfies SessionTraceMessage);
  }
  if (printsSessions) print("camp:session", id, `${event}${detailsText(details)}`);
}

/** What a dialect shows of its frames. */
export interface FrameView {
  /** One line without any content. Throws for bytes that are no frame. */
  describeFrame(frame: Uint8Array): string;
  /** A copy of a frame in which session id, token and secrets are zeros. */
  redactFrame(frame: Uint8Array): Uint8Array;
}

/** Watches the frames of one session for the channel `camp:frame` and for stderr, as above. */
export class SessionFrameTrace implements FrameTrace {
  readonly #session: () => TracedSession;
  readonly #view: FrameView;

  constructor(session: () => TracedSession, view: FrameView) {
    this.#session = session;
    this.#view = view;
  }

  get active(): boolean {
    return printsFrames || frameChannel.hasSubscribers;
  }

  frame(direction: "in" | "out", bytes: Uint8Array): void {
    const message = new TracedFrame(direction, this.#session(), bytes, this.#view);
    frameChannel.publish(message);
    if (printsFrames) print("camp:frame", message.id, `${direction} ${message.description}`);
  }
}

class TracedFrame implements FrameTraceMessage {
  readonly direction: "in" | "out";
  readonly id: bigint | string;
  readonly session: TracedSession;
  readonly bytes: number;
  readonly #frame: Uint8Array;
  readonly #view: FrameView;

  constructor(direction: "in" | "out", session: TracedSession, frame: Uint8Array, view: FrameView) {
    this.direction = direction;
    this.id = session.id;
    this.session = session;
    this.bytes = frame.byteLength;
    this.#frame = frame;
    this.#view = view;
  }

  content(): Uint8Array {
    return this.#view.redactFrame(this.#frame);
  }

  get description(): string {
    try {
      return this.#view.describeFrame(this.#frame);
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
