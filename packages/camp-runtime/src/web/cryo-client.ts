import type { TokenSource, UpgradeTerms } from "camp-runtime";
import type { CaleCrypto } from "camp-session";
import { CALE_MAX_RECORD } from "cryo-protocol";
import { connectFromPage } from "./client.js";
import { type CryoClientOptions, checkCryoOptions } from "./client-options.js";
import type { CryoClientSession } from "./cryo-session.js";

/** Cryo (cryo-v1 section 1), which needs no subprotocol: deployed servers echo whatever they are offered, or nothing. */
const cryoTerms: UpgradeTerms<string> = {
  subprotocol: "cryo",
  offersSubprotocol: false,
  idNames: ["x-cryo-sid"],
  messageBytesMax: CALE_MAX_RECORD,
  createId: randomUuid,
};

/**
 * Connects a Cryo client.
 *
 * @param loadCrypto loads what encrypts on pages that have no WebCrypto
 * @throws {OptionsError} for options that make no sense; otherwise as `connect`
 */
export async function connectCryoClient(
  host: string,
  token: TokenSource,
  given: CryoClientOptions | undefined,
  loadCrypto: () => Promise<CaleCrypto>,
): Promise<CryoClientSession> {
  const { use_cale, nonceOrder, compat, ...options } = checkCryoOptions(given);
  // A server that knows nothing of CALE is silent: that must be told while the caller still waits for its connection.
  const handshakeTimeoutMs = Math.min(options.handshakeTimeoutMs, options.timeout);
  return connectFromPage({ host, token, terms: cryoTerms, options }, async () => {
    const loading = [import("./cryo-session.js"), use_cale ? pageCrypto(loadCrypto) : null] as const;
    const [{ createCryoClientSession }, crypto] = await Promise.all(loading);
    const cale = crypto && { crypto, nonceOrder, ...compat, handshakeTimeoutMs };
    return (start, info) => createCryoClientSession({ ...start, cale, settings: options }, info);
  });
}

/** Pages without TLS have no `crypto.subtle`, whatever the types say. */
async function pageCrypto(load: () => Promise<CaleCrypto>): Promise<CaleCrypto> {
  if ((crypto.subtle as SubtleCrypto | undefined) === undefined) return load();
  return (await import("./web-cale-crypto.js")).webCaleCrypto;
}

/** As `crypto.randomUUID`, which pages without TLS lack as well. */
function randomUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
