import { CAMP_MAX_FRAME, SID_MAX } from "camp-protocol";
import { type CampSession, ResumeClaim } from "camp-session";
import { type CampNodeSession, createCampSession } from "./camp-session.js";
import type { AdmittedUpgrade, ClaimingUpgrade, Connection, Dialect, Running } from "./dialect.js";
import { type Refusal, refusals } from "./refusal.js";
import { type AcceptedSession, type AdmissionTerms, accept, type Comebacks } from "./server-dialect.js";
import type { CheckedResumeOptions } from "./server-options.js";
import type { Parameters } from "./upgrade-request.js";
import { WaitingSessions } from "./waiting-sessions.js";
import { WsTransport } from "./ws-transport.js";

/** CAMP v1 as a server speaks it (camp-v1 section 2). */
export class CampDialect implements Dialect<CampNodeSession>, Comebacks<CampNodeSession, CampSession> {
  readonly name = "camp";
  readonly subprotocol = "camp";
  readonly idName = "x-camp-sid";
  readonly messageBytesMax = CAMP_MAX_FRAME;
  /** Those that wait for their clients. */
  readonly waiting: WaitingSessions;
  readonly #terms: AdmissionTerms<CampNodeSession>;
  readonly #resumeWindowMs: number;

  constructor(terms: AdmissionTerms<CampNodeSession>, resume: CheckedResumeOptions) {
    this.#terms = terms;
    this.#resumeWindowMs = resume.resumeWindowMs;
    this.waiting = new WaitingSessions(resume.maxDisconnectedSessions);
  }

  get waitingSessions(): number {
    return this.waiting.count;
  }

  readSessionId(parameters: Parameters): bigint | Refusal {
    const own = parameters.named("x-camp-sid");
    const given = own.length > 0 ? own : parameters.named("x-cryo-sid");
    const [text] = given;
    if (text === undefined || given.some((other) => other !== text)) return refusals.badSessionId;
    if (!/^\d{1,20}$/.test(text)) return refusals.badSessionId;
    const id = BigInt(text);
    return id <= SID_MAX ? id : refusals.badSessionId;
  }

  open(upgrade: AdmittedUpgrade<bigint>, connection: Connection): Running<CampNodeSession> {
    const resumeWindowMs = this.#resumeWindowMs;
    return accept(
      upgrade,
      connection,
      this.#terms,
      (config) => createCampSession(Object.assign(config, { resumeWindowMs })),
      this,
    );
  }

  /** One whose token is somebody else's does not get the session, whatever secret it knows. */
  claim(accepted: AcceptedSession<CampNodeSession, CampSession>, claiming: ClaimingUpgrade): void {
    const { engine, session, inputs } = accepted;
    const { webSocket, socket, grant, over } = claiming;
    if (isSomebodyElse(grant.identity, session.identity)) {
      webSocket.close(4001, "the session belongs to another identity");
      over();
      return;
    }
    const { deadlines, settings } = this.#terms;
    const transport = new WsTransport(webSocket, socket, "none");
    const clock = deadlines.clockFor(() => claim.tick());
    const done = (): void => {
      clock.dispose();
      over();
    };
    const claim = new ResumeClaim({
      ...{ session: engine, transport, clock, handshakeTimeoutMs: settings.handshakeTimeoutMs },
      resumed: () => {
        transport.drive(inputs);
        accepted.returned(grant);
        done();
      },
      ended: done,
    });
    transport.drive(claim);
    transport.start();
  }
}

/** Whether two identities are certainly different. Objects may be made anew for each token; there the secret alone decides. */
function isSomebodyElse(identity: unknown, owner: unknown): boolean {
  return typeof identity !== "object" && typeof owner !== "object" && !Object.is(identity, owner);
}
