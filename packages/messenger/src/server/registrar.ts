import type { WebKeyPair } from "../protocol/index.js";
import {
  type Challenge,
  checkResponse,
  connIdBytes,
  createChallenge,
  generateHpkeKeys,
  type Identity,
  identityOf,
  isTooLarge,
  MalformedError,
  nonceBytes,
  type PublicKey,
  parseClientMessage,
  type Random,
} from "../protocol/index.js";

/** Who registered. */
export interface Registration {
  readonly fingerprint: string;
  readonly publicKey: PublicKey;
  readonly skewMs: number;
}

/** One connection's challenge: made once, spent by the first response, whatever is in it. */
export class Registrar {
  readonly challenge: Challenge;
  readonly #server: Identity;
  #spent = false;

  private constructor(challenge: Challenge, server: Identity) {
    this.challenge = challenge;
    this.#server = server;
  }

  /** @param g the server's own G; its K is made for this connection alone */
  static async create(g: WebKeyPair, random: Random, now: number): Promise<Registrar> {
    const server = await identityOf(await generateHpkeKeys(false), g);
    return new Registrar(await createChallenge(server, random(nonceBytes), random(connIdBytes), now), server);
  }

  /**
   * @param admits whether this origin may be signed by who is at the other end
   * @throws {MessengerError} for whatever is no valid response to this challenge, a second one included
   */
  async check(text: string, admits: (origin: string) => boolean): Promise<Registration> {
    if (this.#spent) throw new MalformedError("a challenge is answered once");
    this.#spent = true;
    if (isTooLarge(text)) throw new MalformedError("a response is too large");
    const response = parseClientMessage(text);
    if (response.type !== "response") throw new MalformedError("nothing but a response comes before registration");
    if (!admits(response.origin)) throw new MalformedError("an origin is not one of this server");
    const publicKey = await checkResponse(response, this.challenge, this.#server);
    return {
      fingerprint: response.publicKeySig,
      publicKey,
      skewMs: response.timestamp - this.challenge.timestamp,
    };
  }
}
