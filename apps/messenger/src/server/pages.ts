import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};

/** Nothing but our own files, no script that was made from a text, nobody's frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  // The page's only one, which knows the address of its worker and nothing else.
  "trusted-types worker",
].join("; ");

const headers: Readonly<Record<string, string>> = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(self), microphone=(), geolocation=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  // Asked for again each time, and answered without a body if nothing changed.
  "cache-control": "no-cache",
  vary: "accept-encoding",
};

interface File {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
}

export interface PagesOptions {
  /** Where the files of the application are. Read once. */
  readonly folder: string;
  /** Told to the page, which connects with it. */
  readonly token: string;
}

/** Answers requests for the application's files, and 404 to every other. */
export function createPages({
  folder,
  token,
}: PagesOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const files = new Map<string, File>();
  for (const name of readdirSync(folder)) {
    const content = readFileSync(join(folder, name));
    files.set(
      name === "index.html" ? "/" : `/${name}`,
      fileOf(name, name === "index.html" ? withToken(content, token) : content),
    );
  }
  return (request, response) => {
    const file = files.get((request.url ?? "").split("?", 1)[0]!);
    if (request.method !== "GET" && request.method !== "HEAD")
      answer(response, 405, "only GET and HEAD are answered\n");
    else if (file === undefined) answer(response, 404, "nothing here\n");
    else send(file, request, response);
  };
}

function send(file: File, request: IncomingMessage, response: ServerResponse): void {
  if (request.headers["if-none-match"] === file.etag) {
    response.writeHead(304, { ...headers, etag: file.etag }).end();
    return;
  }
  const isGzip = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
  const body = isGzip ? file.gzipped : file.plain;
  response.writeHead(200, {
    ...headers,
    ...(isGzip && { "content-encoding": "gzip" }),
    ...{ "content-type": file.type, "content-length": body.length, etag: file.etag },
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...headers, "content-type": "text/plain; charset=utf-8" }).end(text);
}

function fileOf(name: string, plain: Buffer): File {
  return {
    type: types[extname(name)] ?? "application/octet-stream",
    etag: `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`,
    plain,
    gzipped: gzipSync(plain, { level: 9 }),
  };
}

/** Whoever may open the page may connect: it brings the token along. */
function withToken(page: Buffer, token: string): Buffer {
  const escaped = token.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return Buffer.from(page.toString().replace('content="messenger"', () => `content="${escaped}"`));
}
