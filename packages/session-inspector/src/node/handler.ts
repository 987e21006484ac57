import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { isIP } from "node:net";
import type { Recorder } from "session-recorder";
import { StepStream } from "./step-stream.js";

/** What the answers are made of. */
export interface HandlerConfig {
  readonly recorder: Recorder;
  readonly token: string;
  /** By which the page may be asked for. */
  readonly names: readonly string[];
}

const files: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  "/": { file: "index.html", type: "text/html; charset=utf-8" },
  "/inspector.js": { file: "inspector.js", type: "text/javascript; charset=utf-8" },
  "/inspector.css": { file: "inspector.css", type: "text/css; charset=utf-8" },
};

/** Nothing but the page's own files, and nobody's frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

const headers: Readonly<Record<string, string>> = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

const viewersMax = 8;

/** Answers for the page, and streams steps to whoever has the token. */
export function createHandler({ recorder, token, names }: HandlerConfig): RequestListener {
  let viewers = 0;
  const steps = (request: IncomingMessage, response: ServerResponse): void => {
    const { origin, host, authorization = "" } = request.headers;
    if (origin !== undefined && origin !== `http://${host}`) refuse(response, 403, "not for pages of others");
    else if (!isSame(authorization, `Bearer ${token}`)) refuse(response, 401, "open the address that was printed");
    else if (viewers >= viewersMax) refuse(response, 503, "too many look already");
    else {
      viewers++;
      response.on("close", () => viewers--);
      response.writeHead(200, { ...headers, "content-type": "application/x-ndjson; charset=utf-8" });
      new StepStream(recorder, response).begin();
    }
  };
  return (request, response) => {
    const path = (request.url ?? "").split("?", 1)[0]!;
    // A name of somebody else's that leads here is how a page of theirs would get past the rule of one origin.
    if (!isKnown(request.headers.host, names)) refuse(response, 421, "not by this name");
    else if (request.method !== "GET") refuse(response, 405, "only GET is answered");
    else if (path === "/steps") steps(request, response);
    else if (Object.hasOwn(files, path)) send(response, files[path]!);
    else refuse(response, 404, "nothing here");
  };
}

function send(response: ServerResponse, { file, type }: { readonly file: string; readonly type: string }): void {
  const body = readFileSync(new URL(`../bundle/${file}`, import.meta.url));
  response.writeHead(200, { ...headers, "content-type": type, "content-length": body.length }).end(body);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...headers, "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [given, expected].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(one!, other!);
}

/** Addresses are nobody's to redirect; names are. */
function isKnown(host: string | undefined, names: readonly string[]): boolean {
  const name = (host ?? "").replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return isIP(name) !== 0 || name === "localhost" || names.includes(name);
}
