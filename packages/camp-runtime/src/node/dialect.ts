import type { Socket } from "node:net";
import type { SessionId } from "camp-runtime";
import type { SessionEngine } from "camp-session";
import type { WebSocket } from "ws";
import type { Ending } from "./ending.js";
import type { SessionInfo } from "./node-session.js";
import type { Refusal } from "./refusal.js";
import type { Parameters } from "./upgrade-request.js";
import type { Grant } from "./validation.js";

/** Anything that has such a name. */
export interface Identified {
  readonly id: SessionId;
}

/** What a server asks of the engine in a session that runs. */
export type Engine = Pick<
  SessionEngine,
  "state" | "probe" | "aliveMarks" | "heldBytes" | "stats" | "close" | "fail" | "cutOff"
>;

/** A session that was admitted, with the levers that its user does not get. */
export interface Running<Session> {
  readonly session: Session;
  readonly engine: Engine;
  /** From here on the session hears what its peer sends. */
  start(): void;
  /** Whether its client may come back to it on another connection. */
  readonly claimable: boolean;
  /** Lets whoever comes on this connection show that this session, which is claimable and waits for its client, is theirs. */
  claim(upgrade: ClaimingUpgrade): void;
}

/** A WebSocket and what it runs on. */
export interface Connection {
  readonly webSocket: WebSocket;
  readonly socket: Socket;
}

/** An upgrade that passed every check and names a session which waits for its client. */
export interface ClaimingUpgrade extends Connection {
  readonly grant: Grant;
  /** To be called once, when it is clear whose it was. */
  over(): void;
}

/** An upgrade that passed every check. It outlives the connection that it began with. */
export interface AdmittedUpgrade<Id> {
  readonly id: Id;
  readonly remoteAddress: string | undefined;
  readonly info: SessionInfo;
  /** What the validator said of the client. */
  readonly grant: Grant;
  /** What it says of another token; null if it refuses that or fails. Never rejects. */
  judge(token: string, asker: Ending): Promise<Grant | null>;
  /** To be called once, before the session's user hears of its end. */
  closed(): void;
}

/** What differs between the protocols that one port may serve. */
export interface Dialect<Session extends Identified> {
  readonly name: string;
  /** The token that clients offer in `Sec-WebSocket-Protocol`. */
  readonly subprotocol: string;
  /** The parameter that is this dialect's own, in lower case: who sends it means this dialect. */
  readonly idName: string;
  /** Bytes of the largest legal WebSocket message; larger ones are refused before they are buffered. */
  readonly messageBytesMax: number;
  /** The id that the client chose, or why what it sent is none. */
  readSessionId(parameters: Parameters): Session["id"] | Refusal;
  /** How many of its sessions wait for their clients. */
  readonly waitingSessions: number;
  open(upgrade: AdmittedUpgrade<Session["id"]>, connection: Connection): Running<Session>;
}

/** A dialect and the id that it found in a request. */
export interface Recognised<Session extends Identified> {
  readonly dialect: Dialect<Session>;
  readonly id: Session["id"];
}

/**
 * The first dialect that finds a session id in the request, or whose own parameter is there, however bad; without either, what the
 * first of them objects to.
 */
export function recognise<Session extends Identified>(
  dialects: readonly Dialect<Session>[],
  parameters: Parameters,
): Recognised<Session> | Refusal {
  let refusal: Refusal | undefined;
  for (const dialect of dialects) {
    const id = dialect.readSessionId(parameters);
    if (typeof id !== "object") return { dialect, id };
    if (parameters.named(dialect.idName).length > 0) return id;
    refusal ??= id;
  }
  return refusal!;
}
