import type { ClockSource, HookSource, SessionId, SessionLifecycle, SessionPair } from "camp-runtime";
import type { BufferBudget, SessionEngine, SessionInputs, SessionSettings } from "camp-session";
import type { NodeSessionConfig } from "./assemble.js";
import type { AdmittedUpgrade, ClaimingUpgrade, Connection, Running } from "./dialect.js";
import { publish } from "./emitter.js";
import type { Ending } from "./ending.js";
import { watchIdle } from "./idle-watch.js";
import type { Phases } from "./phases.js";
import { RateLimit, type Rates } from "./rate-limit.js";
import type { AnySession } from "./session-events.js";
import { TokenTerm, type TokenTermWorld } from "./token-term.js";
import type { Grant } from "./validation.js";
import type { WaitingSessions } from "./waiting-sessions.js";
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

/** Where sessions wait that outlive their connection, and how their clients get them back. */
export interface Comebacks<Session, Engine extends SessionEngine> {
  readonly waiting: WaitingSessions;
  claim(accepted: AcceptedSession<Session, Engine>, upgrade: ClaimingUpgrade): void;
}

/** A session that a server accepted: what its connections, its token and its server do to it. */
export class AcceptedSession<Session, Engine extends SessionEngine>
  implements Running<Session>, SessionLifecycle, TokenTermWorld
{
  readonly deadlines: ClockSource;
  session!: Session;
  engine!: Engine;
  /** What hears of its connections: the session, behind the limits that hold for all of them together. */
  inputs!: SessionInputs;
  readonly #upgrade: AdmittedUpgrade<SessionId>;
  readonly #comebacks: Comebacks<Session, Engine> | null;
  /** A token that does not end needs no term until another is offered. */
  #term: TokenTerm | null = null;
  #transport: WsTransport | null = null;
  #stopWatching: (() => void) | null = null;

  constructor(
    upgrade: AdmittedUpgrade<SessionId>,
    deadlines: ClockSource,
    comebacks: Comebacks<Session, Engine> | null,
  ) {
    this.deadlines = deadlines;
    this.#upgrade = upgrade;
    this.#comebacks = comebacks;
  }

  get claimable(): boolean {
    return this.#comebacks !== null;
  }

  /** Session and engine are there: they get the connection. */
  begin(
    { session, engine }: SessionPair<Session, Engine>,
    { webSocket, socket }: Connection,
    { rates, idleTimeoutMs }: AdmissionTerms<Session>,
  ): void {
    const { grant } = this.#upgrade;
    this.session = session;
    this.engine = engine;
    this.inputs = rates === null ? engine : new RateLimit(engine, rates, this.deadlines);
    if (grant.expiresAtMs !== Number.POSITIVE_INFINITY) this.#term = new TokenTerm(grant, this);
    if (idleTimeoutMs !== null) this.#stopWatching = watchIdle(engine, this.deadlines, idleTimeoutMs);
    this.#transport = new WsTransport(webSocket, socket, "none");
    this.#transport.drive(this.inputs);
    engine.attach(this.#transport);
  }

  start(): void {
    this.#transport!.start();
    this.#transport = null;
  }

  claim(upgrade: ClaimingUpgrade): void {
    this.#comebacks!.claim(this, upgrade);
  }

  /** Its client came back with a token that was granted so. */
  returned(grant: Grant): void {
    if (this.#term !== null) this.#term.returned(grant);
    else if (grant.expiresAtMs !== Number.POSITIVE_INFINITY) this.#term = new TokenTerm(grant, this);
  }

  tokenOffered(token: string): void {
    this.#term ??= new TokenTerm(this.#upgrade.grant, this);
    void this.#term.offered(token);
  }

  // ---- what becomes of the session

  connected(): void {
    this.#comebacks?.waiting.remove(this.engine);
  }

  disconnected(): void {
    this.#comebacks?.waiting.add(this.engine);
  }

  closed(): void {
    this.#comebacks?.waiting.remove(this.engine);
    this.#term?.stop();
    this.#stopWatching?.();
    this.#upgrade.closed();
  }

  // ---- what a token's term asks

  now(): number {
    return Date.now();
  }

  judge(token: string, asker: Ending): Promise<Grant | null> {
    return this.#upgrade.judge(token, asker);
  }

  expiring(remainingMs: number): void {
    publish(this.session as AnySession, "token-expiring", remainingMs);
  }
}

/** Makes a session of an upgrade that was admitted; `create` knows the dialect. */
export function accept<Session, Id extends SessionId, Engine extends SessionEngine>(
  upgrade: AdmittedUpgrade<Id>,
  connection: Connection,
  terms: AdmissionTerms<Session>,
  /** May add to the config, see SessionParts. */
  create: (config: NodeSessionConfig<Session, Id>) => SessionPair<Session, Engine>,
  comebacks: Comebacks<Session, Engine> | null = null,
): AcceptedSession<Session, Engine> {
  const { id, remoteAddress, info, grant } = upgrade;
  const { settings, extensions, deadlines, budget, phases } = terms;
  const accepted = new AcceptedSession<Session, Engine>(upgrade, deadlines, comebacks);
  const pair = create({
    settings,
    extensions,
    deadlines,
    budget,
    id,
    remoteAddress,
    info,
    identity: grant.identity,
    role: "server",
    type: "client",
    reconnects: false,
    phase: phases.next(),
    lifecycle: accepted,
    onClosed: nothing,
  });
  accepted.begin(pair, connection, terms);
  return accepted;
}

function nothing(): void {}
