import { CAMP_MAX_FRAME, SID_MAX } from "camp-protocol";
import { type CampNodeSession, createCampSession } from "./camp-session.js";
import type { AdmittedUpgrade, Dialect, Running } from "./dialect.js";
import { type Refusal, refusals } from "./refusal.js";
import { type AdmissionTerms, accept } from "./server-dialect.js";
import type { Parameters } from "./upgrade-request.js";

/** CAMP v1 as a server speaks it (camp-v1 section 2). */
export class CampDialect implements Dialect<CampNodeSession> {
  readonly name = "camp";
  readonly subprotocol = "camp";
  readonly messageBytesMax = CAMP_MAX_FRAME;
  readonly #terms: AdmissionTerms<CampNodeSession>;

  constructor(terms: AdmissionTerms<CampNodeSession>) {
    this.#terms = terms;
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

  open(upgrade: AdmittedUpgrade<bigint>): Running<CampNodeSession> {
    return accept(upgrade, this.#terms, createCampSession);
  }
}
