/** What can happen in a row. A step says which as `handler`, as messages of a state tree do. */
export const stepKinds = [
  /** A connection began: the first of the session or a later one. */
  "connect",
  /** A frame of a handshake: what an end announces of itself, what it shows to come back, keys of CALE. */
  "challenge",
  /** A server let the session in. */
  "admit",
  /** A server refused a request. */
  "refuse",
  /** The session is open (`event` is "connected"), open anew ("reconnected"), or encrypted from now on ("secure"). */
  "open",
  "send",
  "receive",
  "ack",
  /** A frame of a stream. */
  "stream",
  "ping",
  /** What is said of the session's token. */
  "token",
  /** The connection was lost, and the session waits for another. */
  "cut",
  /** The session went on where it was cut. */
  "resume",
  /** A queued message was given up. */
  "drop",
  /** A frame that tells of a fault, or an error of this end. */
  "error",
  /** The goodbye of either end, or the end of the session (`event` is "closed"). */
  "close",
] as const;

export type StepKind = (typeof stepKinds)[number];

/** What an end believes of itself, in numbers. */
export const figureNames = [
  "rttMs",
  "framesRx",
  "framesTx",
  "bytesRx",
  "bytesTx",
  "unackedFrames",
  "queuedFrames",
  "queuedBytes",
  "droppedFrames",
  "ackTimeouts",
  "openStreams",
  "strayAcks",
  "strayFrames",
  "unansweredPings",
  "replacedTexts",
] as const;

export type FigureName = (typeof figureNames)[number];

/** The figures of `session.stats`, under their names there; `rttMs` in hundredths of a millisecond. */
export type Figures = { readonly [Name in FigureName]: Name extends "rttMs" ? number | null : number };

/** What an end believed when a step happened: the residue of the step's node. */
export interface Belief extends Figures, RowName {
  readonly state: string;
  /** How many connections it has had. */
  readonly connections: number;
  /** Steps of the row so far. */
  readonly steps: number;
}

/** Which end of which session a row is of. */
export interface RowName {
  /** From 1 in the order in which they began; 0 is of the process itself. */
  readonly row: number;
  readonly role: "client" | "server";
  /** "camp", "cryo", or what the connection is called that was recorded. */
  readonly dialect: string;
  /** The end of the session's id, as logs show it. */
  readonly session: string;
}

/** The value of the first node of a row. */
export interface RowHead extends RowName {
  readonly handler: "row";
  readonly atMs: number;
}

/** What of a belief a step has changed. */
export type Changes = { readonly [Name in FigureName | "state" | "connections"]?: Belief[Name] };

/** One step in the life of an end: the value of a node. */
export interface Step {
  readonly handler: StepKind;
  /** Its place among all steps of the recording, from 0. */
  readonly number: number;
  /** Milliseconds since the recording began, in hundredths. */
  readonly atMs: number;
  /** Of frames. */
  readonly direction?: "in" | "out";
  /** A frame in one line without any content: type, numbers and sizes. */
  readonly frame?: string;
  /** The length of the frame. */
  readonly bytes?: number;
  /** The frame with its payload, where recording those was asked for; session id, token and secrets are zeros in it. */
  readonly hex?: string;
  /** The name of what happened, where it was no frame. */
  readonly event?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly changed?: Changes;
}

/** A step that has no place yet. */
export type NewStep = Omit<Step, "number" | "atMs">;
