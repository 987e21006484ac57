import type { CaleConfig } from "camp-session";
import { nodeCaleCrypto } from "./cale-crypto.js";
import type { CheckedCaleOptions } from "./server-options.js";

/** What sessions that encrypt are given on Node; null for those in the clear. */
export function caleOf({ use_cale, nonceOrder }: CheckedCaleOptions): CaleConfig | null {
  return use_cale ? { crypto: nodeCaleCrypto, nonceOrder } : null;
}
