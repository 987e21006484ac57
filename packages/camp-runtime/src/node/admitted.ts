import type { AdmissionConfig } from "./admission.js";
import type { AdmittedUpgrade, Identified } from "./dialect.js";
import type { Ending } from "./ending.js";
import type { SessionInfo } from "./node-session.js";
import { refusals } from "./refusal.js";
import type { UpgradeRequest } from "./upgrade-request.js";
import { type Grant, validate, withoutToken } from "./validation.js";

/** An upgrade that was let in, as its session keeps it: nothing of the request lives on in here, for that knows the token. */
export class Admitted<Session extends Identified> implements AdmittedUpgrade<Session["id"]> {
  readonly id: Session["id"];
  readonly remoteAddress: string | undefined;
  readonly info: SessionInfo;
  readonly grant: Grant;
  readonly #config: AdmissionConfig<Session>;
  readonly #origin: string | undefined;

  /** @param subprotocol the one that was agreed on, or empty */
  constructor(
    config: AdmissionConfig<Session>,
    id: Session["id"],
    request: UpgradeRequest,
    subprotocol: string,
    grant: Grant,
  ) {
    this.id = id;
    this.remoteAddress = request.remoteAddress;
    this.info = request.describe(subprotocol === "" ? undefined : subprotocol);
    this.grant = grant;
    this.#config = config;
    this.#origin = request.origin;
  }

  async judge(token: string, asker: Ending): Promise<Grant | null> {
    const { validator, deadlines, validateTimeoutMs: timeoutMs, refused } = this.#config;
    const { id, remoteAddress, info } = this;
    const client = { sessionId: id, remoteAddress, origin: this.#origin, path: info.path };
    const verdict = await validate(validator, token, client, { deadlines, timeoutMs, asker });
    if (verdict.is === "failed") refused(refusals.validatorFailed, id, withoutToken(verdict.error, token));
    return verdict.is === "accepted" ? verdict.grant : null;
  }

  closed(): void {
    this.#config.registry.remove(this.id);
  }
}
