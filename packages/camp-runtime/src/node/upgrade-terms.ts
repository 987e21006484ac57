import { randomBytes, randomUUID } from "node:crypto";
import { CAMP_MAX_FRAME } from "camp-protocol";
import type { UpgradeTerms } from "camp-runtime";
import { CALE_MAX_RECORD, CRYO_MAX_FRAME } from "cryo-protocol";

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
