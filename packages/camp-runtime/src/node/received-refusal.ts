import type { IncomingMessage } from "node:http";
import { ConnectError } from "camp-runtime";

/** What is read of a refusal's body: enough for a sentence, and no more than a hostile server can make us wait for. */
const bodyCharactersMax = 4096;
const bodySilenceMs = 1000;

/** The error for an upgrade that the server answered with an HTTP status instead. The body is not quoted in it. */
export async function receivedRefusal(host: string, response: IncomingMessage): Promise<ConnectError> {
  const status = response.statusCode ?? 0;
  const retryAfterMs = parseRetryAfter(response.headers["retry-after"], Date.now());
  const sessionInUse = status === 401 && saysInUse(await beginningOf(response));
  return ConnectError.fromStatus(host, status, { retryAfterMs, sessionInUse });
}

/** Seconds, or a date by which to come back. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

/** Deployed servers answer every refusal with 401, also that of an id in use; only the body tells them apart (rules 3). */
function saysInUse(body: string): boolean {
  return (
    /\b(session|sid|id)\b/i.test(body) && /\bin use\b|\balready (exists|connected|running)\b|\bduplicate\b/i.test(body)
  );
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  let body = "";
  response.setEncoding("latin1");
  response.setTimeout(bodySilenceMs, () => response.destroy());
  try {
    for await (const chunk of response) {
      body += chunk;
      if (body.length >= bodyCharactersMax) break;
    }
  } catch {
    // The connection broke off: what came has to do.
  }
  return body.slice(0, bodyCharactersMax);
}
