import { CAMP_MAX_FRAME } from "camp-protocol";
import type { TokenSource, UpgradeTerms } from "camp-runtime";
import type { CampClientSession } from "./camp-session.js";
import { connectFromPage } from "./client.js";
import { type CampClientOptions, checkCampOptions } from "./client-options.js";

/** CAMP (camp-v1 section 2). The second name is the only one that some deployed servers know. */
const campTerms: UpgradeTerms<bigint> = {
  subprotocol: "camp",
  offersSubprotocol: true,
  idNames: ["x-camp-sid", "x-CAMP-sid"],
  messageBytesMax: CAMP_MAX_FRAME,
  createId: () => crypto.getRandomValues(new BigUint64Array(1))[0]!,
};

/** Connects a CAMP client. @throws {OptionsError} for options that make no sense; otherwise as `connect` */
export async function connectCampClient(
  host: string,
  token: TokenSource,
  given?: CampClientOptions,
): Promise<CampClientSession> {
  const options = checkCampOptions(given);
  const resumeWindowMs = options.reconnect === false ? 0 : options.resumeWindowMs;
  const nextToken = typeof token === "function" ? token : null;
  return connectFromPage({ host, token, terms: campTerms, options }, async () => {
    const { createCampClientSession } = await import("./camp-session.js");
    return (start, info) => createCampClientSession({ ...start, resumeWindowMs, nextToken, settings: options }, info);
  });
}
