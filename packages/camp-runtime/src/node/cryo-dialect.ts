import type { CaleConfig } from "camp-session";
import { CALE_MAX_RECORD, CRYO_MAX_FRAME } from "cryo-protocol";
import { type CryoNodeSession, createCryoSession } from "./cryo-session.js";
import type { AdmittedUpgrade, Connection, Dialect, Running } from "./dialect.js";
import { type Refusal, refusals } from "./refusal.js";
import { type AdmissionTerms, accept } from "./server-dialect.js";
import type { Parameters } from "./upgrade-request.js";

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Cryo v1 as a server speaks it (cryo-v1 section 1), in the clear or with CALE. */
export class CryoDialect implements Dialect<CryoNodeSession> {
  readonly name = "cryo";
  readonly subprotocol = "cryo";
  readonly idName = "x-cryo-sid";
  readonly messageBytesMax: number;
  /** Cryo has no way to tell that a session goes on: each ends with its connection. */
  readonly waitingSessions = 0;
  readonly #terms: AdmissionTerms<CryoNodeSession>;
  readonly #cale: CaleConfig | null;

  constructor(terms: AdmissionTerms<CryoNodeSession>, cale: CaleConfig | null) {
    this.#terms = terms;
    this.#cale = cale;
    this.messageBytesMax = cale === null ? CRYO_MAX_FRAME : CALE_MAX_RECORD;
  }

  readSessionId(parameters: Parameters): string | Refusal {
    const given = parameters.named("x-cryo-sid").map((text) => text.toLowerCase());
    const [id] = given;
    if (id === undefined || given.some((other) => other !== id)) return refusals.badCryoSessionId;
    return uuid.test(id) ? id : refusals.badCryoSessionId;
  }

  open(upgrade: AdmittedUpgrade<string>, connection: Connection): Running<CryoNodeSession> {
    return accept(upgrade, connection, this.#terms, (config) =>
      createCryoSession(Object.assign(config, { cale: this.#cale })),
    );
  }
}
