import { randomBytes, randomUUID } from "node:crypto";
import { CAMP_MAX_FRAME } from "camp-protocol";
import { CALE_MAX_RECORD, CRYO_MAX_FRAME } from "cryo-protocol";
import type { SessionId } from "./dialect.js";

/** How a client asks for a session of its dialect. */
export interface UpgradeTerms<Id extends SessionId> {
  readonly subprotocol: string;
  /** Whether the subprotocol is offered even if nothing else is. */
  readonly offersSubprotocol: boolean;
  /** The names of the session id in the query. */
  readonly idNames: readonly string[];
  /** The largest message that the server may send; a larger one is refused before it is buffered. */
  readonly messageBytesMax: number;
  /** Ids are chosen by clients, at random, so that nobody can guess one. */
  createId(): Id;
}

/** CAMP (camp-v1 section 2). The second name is the only one that some deployed servers know. */
export const campTerms: UpgradeTerms<bigint> = {
  subprotocol: "camp",
  offersSubprotocol: true,
  idNames: ["x-camp-sid", "x-CAMP-sid"],
  messageBytesMax: CAMP_MAX_FRAME,
  createId: () => randomBytes(8).readBigUInt64BE(),
};

/** Cryo (cryo-v1 section 1), which needs no subprotocol: deployed servers echo whatever they are offered, or nothing. */
export function cryoTerms(encrypted: boolean): UpgradeTerms<string> {
  return {
    subprotocol: "cryo",
    offersSubprotocol: false,
    idNames: ["x-cryo-sid"],
    messageBytesMax: encrypted ? CALE_MAX_RECORD : CRYO_MAX_FRAME,
    createId: () => randomUUID(),
  };
}
