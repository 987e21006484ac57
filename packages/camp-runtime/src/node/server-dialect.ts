import type { ClockSource, HookSource, SessionId, SessionPair } from "camp-runtime";
import type { BufferBudget, SessionInputs, SessionSettings } from "camp-session";
import type { NodeSessionConfig } from "./assemble.js";
import type { AdmittedUpgrade } from "./dialect.js";
import { publish } from "./emitter.js";
import { watchIdle } from "./idle-watch.js";
import type { Phases } from "./phases.js";
import { RateLimit, type Rates } from "./rate-limit.js";
import type { AnySession } from "./session-events.js";
import { TokenTerm } from "./token-term.js";
import type { Grant } from "./validation.js";
import { WsTransport } from "./ws-transport.js";

/** What the sessions of a server share, whatever their dialect. */
export interface SharedBySessions<Session> {
  readonly settings: SessionSettings;
  readonly extensions: HookSource<Session>;
  readonly deadlines: ClockSource;
  readonly budget: BufferBudget;
}

/** What a server asks of the sessions that it admits. */
export interface AdmissionTerms<Session> extends SharedBySessions<Session> {
  readonly phases: Phases;
  /** Null: they may send as fast as they are read. */
  readonly rates: Rates | null;
  /** Null: they need not be used. */
  readonly idleTimeoutMs: number | null;
}

/** A session that was accepted, and what a later connection of the same client needs. */
export interface Accepted {
  start(): void;
  /** What hears of its connections: the session, behind the limits that hold for all of them together. */
  readonly inputs: SessionInputs;
  /** Its client came back with a token that was granted so. */
  returned(grant: Grant): void;
}

/** Makes a session of an upgrade that was admitted; `create` knows the dialect. */
export function accept<Session, Id extends SessionId, Pair extends SessionPair<Session>>(
  { id, webSocket, socket, remoteAddress, info, grant, judge, onClosed }: AdmittedUpgrade<Id>,
  { phases, rates, idleTimeoutMs, ...shared }: AdmissionTerms<Session>,
  create: (config: NodeSessionConfig<Session, Id>) => Pair,
): Pair & Accepted {
  const watches: (() => void)[] = [];
  const pair = create({
    ...shared,
    ...{ id, remoteAddress, info, identity: grant.identity },
    role: "server",
    type: "client",
    reconnects: false,
    phase: phases.next(),
    tokenOffered(token) {
      term ??= startTerm(grant);
      void term.offered(token);
    },
    onClosed: () => {
      term?.stop();
      for (const stop of watches) stop();
      onClosed();
    },
  });
  const { session, engine } = pair;
  const { deadlines } = shared;
  const startTerm = (granted: Grant) =>
    new TokenTerm(granted, {
      ...{ engine, deadlines, judge },
      now: Date.now,
      expiring: (remainingMs) => publish(session as AnySession, "token-expiring", remainingMs),
    });
  // A token that does not end needs no term until another is offered.
  let term = grant.expiresAtMs === Number.POSITIVE_INFINITY ? null : startTerm(grant);
  const returned = (granted: Grant): void => {
    if (term !== null) term.returned(granted);
    else if (granted.expiresAtMs !== Number.POSITIVE_INFINITY) term = startTerm(granted);
  };
  if (idleTimeoutMs !== null) watches.push(watchIdle(engine, deadlines, idleTimeoutMs));
  const transport = new WsTransport(webSocket, socket, "none");
  const inputs = rates === null ? engine : new RateLimit(engine, rates, deadlines);
  transport.drive(inputs);
  engine.attach(transport);
  return { ...pair, inputs, returned, start: () => transport.start() };
}
