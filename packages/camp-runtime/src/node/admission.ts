import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ClockSource } from "camp-runtime";
import { type WebSocket, WebSocketServer } from "ws";
import { Admitted } from "./admitted.js";
import { type Dialect, type Identified, type Recognised, recognise } from "./dialect.js";
import type { Place, Quotas } from "./quotas.js";
import { type Refusal, refusals } from "./refusal.js";
import type { Registry } from "./registry.js";
import { ToldRefusals } from "./told-refusals.js";
import { UpgradeRequest } from "./upgrade-request.js";
import { type Grant, type TokenValidator, type Verdict, validate, withoutToken } from "./validation.js";
import { WaitingSocket } from "./waiting-socket.js";
import { webSocketOptions } from "./ws-transport.js";

export interface AdmissionConfig<Session extends Identified> {
  readonly dialects: readonly Dialect<Session>[];
  readonly registry: Registry<Session>;
  readonly validator: TokenValidator;
  readonly deadlines: ClockSource;
  readonly maxSessions: number;
  readonly maxPendingUpgrades: number;
  readonly validateTimeoutMs: number;
  readonly quotas: Quotas;
  /** How many proxies stand in front, each of which notes in `X-Forwarded-For` whom it serves. */
  readonly trustProxy: number;
  /** The origins whose pages may connect; undefined lets all of them. */
  readonly origins: ReadonlySet<string> | undefined;
  /** A session was admitted. It hears nothing from its peer before this returns. */
  readonly admitted: (session: Session) => void;
  /** An upgrade was refused. `id` is null if it was not looked at; `error` tells why the validator gave no answer. */
  readonly refused: (refusal: Refusal, id: Session["id"] | null, error?: Error) => void;
  /** A socket that passed every check could not become a session. */
  readonly openingFailed: (error: Error) => void;
}

/** An upgrade of the right form, whose token is worth asking about. */
interface Claim<Session extends Identified> extends Recognised<Session> {
  readonly request: UpgradeRequest;
  readonly token: string;
  readonly waiting: WaitingSocket;
}

/**
 * Decides which upgrades become sessions (rules 1). All but the validator answers at once. An id is looked up and taken in
 * the same turn, after the validator accepted the token: so of two upgrades with one id only one can get it, and nobody
 * learns of an id, or blocks it, without a valid token.
 */
export class Admission<Session extends Identified> {
  readonly #config: AdmissionConfig<Session>;
  readonly #handshakes: ReadonlyMap<Dialect<Session>, WebSocketServer>;
  /** Connections on which somebody claims a session that waits for its client. */
  readonly #claims = new Set<WebSocket>();
  /** Those whose token is being validated. */
  readonly #pending = new Set<WaitingSocket>();
  readonly #told: ToldRefusals;
  #draining = false;

  constructor(config: AdmissionConfig<Session>) {
    this.#config = config;
    this.#told = new ToldRefusals(config.origins);
    this.#handshakes = new Map(config.dialects.map((dialect) => [dialect, handshakeOf(dialect)]));
  }

  /** Takes over an upgrade, which ends as a session, with a refusal, or with its socket. */
  handle(message: IncomingMessage, socket: Socket, head: Buffer): void {
    this.#told.begin(message);
    const waiting = new WaitingSocket(socket, (refusal) => this.#told.refused(message, refusal));
    if (waiting.asker.over) return;
    const claim = this.#examine(message, waiting);
    if ("status" in claim) {
      this.#refuse(waiting, claim, null);
      return;
    }
    const place = this.#config.quotas.enter(claim.request.remoteAddress);
    place.leaveWith(socket);
    void this.#decide(claim, (grant) => this.#open(claim, place, grant, message, head));
  }

  /** Answers a page that asks why its upgrade was refused; returns false for every other request. */
  explain(message: IncomingMessage, response: ServerResponse): boolean {
    return this.#told.answer(message, response);
  }

  /** From now on every upgrade is refused, also those that wait for the validator. */
  drain(): void {
    this.#draining = true;
    for (const waiting of this.#pending) this.#refuse(waiting, refusals.draining, null);
    for (const webSocket of this.#claims) webSocket.terminate();
  }

  /** The checks that need nobody's help. */
  #examine(message: IncomingMessage, waiting: WaitingSocket): Claim<Session> | Refusal {
    const { dialects, registry, origins, maxSessions, maxPendingUpgrades, quotas, trustProxy } = this.#config;
    if (this.#draining) return refusals.draining;
    // While sessions wait for their clients, who comes may be one of them; that an id waits is told to no one without a token.
    const awaited = dialects.some(({ waitingSessions }) => waitingSessions > 0);
    if (registry.size >= maxSessions && !awaited) return refusals.full;
    if (this.#pending.size + this.#claims.size >= maxPendingUpgrades) return refusals.crowded;
    const request = new UpgradeRequest(message, trustProxy);
    const { origin, token, remoteAddress } = request;
    if (quotas.isAddressFull(remoteAddress)) return refusals.addressFull;
    if (origins !== undefined && origin !== undefined && !origins.has(origin)) return refusals.foreignOrigin;
    if (token === null) return refusals.noToken;
    const recognised = recognise(dialects, request.parameters);
    return "status" in recognised ? recognised : { ...recognised, request, token, waiting };
  }

  /** Asks the validator and does in that turn what follows from its answer. Never rejects. */
  async #decide({ id, request, token, waiting }: Claim<Session>, open: (grant: Grant) => void): Promise<void> {
    const { validator, deadlines, validateTimeoutMs: timeoutMs, registry } = this.#config;
    const { remoteAddress, origin, path } = request;
    const client = { sessionId: id, remoteAddress, origin, path };
    this.#pending.add(waiting);
    const verdict = await validate(validator, token, client, { deadlines, timeoutMs, asker: waiting.asker });
    this.#pending.delete(waiting);
    if (waiting.asker.over) return;
    const result = this.#judge(verdict, id, token);
    if ("identity" in result) return open(result);
    this.#refuse(waiting, result, id, verdict.is === "failed" ? withoutToken(verdict.error, token) : undefined);
    if (result === refusals.idInUse) registry.probe(id);
  }

  #judge(verdict: Verdict, id: Session["id"], token: string): Grant | Refusal {
    const { registry, maxSessions, quotas } = this.#config;
    if (verdict.is === "failed") return refusals.validatorFailed;
    if (verdict.is !== "accepted" || verdict.grant.expiresAtMs <= Date.now()) return refusals.badToken;
    const held = registry.waiting(id) !== null;
    if (registry.has(id) && !held) return refusals.idInUse;
    if (registry.size >= maxSessions && !held) return refusals.full;
    return quotas.isTokenFull(token) ? refusals.tokenFull : verdict.grant;
  }

  #refuse(waiting: WaitingSocket, refusal: Refusal, id: Session["id"] | null, error?: Error): void {
    waiting.refuse(refusal);
    this.#config.refused(refusal, id, error);
  }

  /** Lets ws answer; what it does not like in the request it refuses by itself, and then no session comes about. */
  #open(
    { dialect, id, request, token, waiting }: Claim<Session>,
    place: Place,
    grant: Grant,
    message: IncomingMessage,
    head: Buffer,
  ): void {
    const { registry, quotas, admitted, openingFailed } = this.#config;
    const socket = waiting.release();
    quotas.use(place, token);
    socket.cork();
    try {
      this.#handshakes.get(dialect)!.handleUpgrade(message, socket, head, (webSocket) => {
        const held = registry.waiting(id);
        if (held !== null) {
          this.#claims.add(webSocket);
          held.claim({ webSocket, socket, grant, over: () => this.#claims.delete(webSocket) });
          socket.uncork();
          return;
        }
        const upgrade = new Admitted(this.#config, id, request, webSocket.protocol, grant);
        const running = dialect.open(upgrade, { webSocket, socket });
        socket.uncork(); // what the session has to say first leaves together with the answer to the upgrade
        registry.add(running);
        admitted(running.session);
        running.start();
      });
    } catch (error) {
      socket.destroy();
      openingFailed(new Error("an upgrade that passed every check did not become a session", { cause: error }));
    }
  }
}

/** ws takes about a microsecond for a fragment and hands on none before it has gone through all that arrived: many hold up other sessions. */
const fragmentsMax = 1024;

type HandshakeTerms = Pick<Dialect<Identified>, "subprotocol" | "messageBytesMax">;

/** ws takes no part in admission, it does the handshake. It offers no subprotocol that was not asked for. */
function handshakeOf({ subprotocol, messageBytesMax }: HandshakeTerms): WebSocketServer {
  return new WebSocketServer({
    ...webSocketOptions,
    noServer: true,
    clientTracking: false,
    maxPayload: messageBytesMax,
    maxFragments: fragmentsMax,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  });
}
