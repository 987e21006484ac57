import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ImportMap } from "browser-testing/files";
import { type Part, partsOf } from "./parts.js";

/** A page that is served, in three answers under one path: itself, `?parts` of it, and `?block=n` as a module. */
export class LiteratePage {
  readonly #parts: readonly Part[];

  constructor(markdown: string, literate: boolean) {
    this.#parts = partsOf(markdown, literate);
  }

  answer(request: IncomingMessage, response: ServerResponse, imports: ImportMap): void {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const block = searchParams.get("block");
    if (block !== null) this.#sendBlock(Number(block), response);
    else if (searchParams.has("parts")) send(response, "application/json", JSON.stringify(this.#parts));
    else sendShell(response, { imports: { ...imports.imports, ...this.#named(pathname) } });
  }

  /** Blocks with names, as files beside the page: importing one leads to the module that was run. */
  #named(pathname: string): Record<string, string> {
    const named: Record<string, string> = {};
    for (const part of this.#parts) {
      if (part.type === "js" && part.name !== null && part.runs) {
        named[new URL(part.name, `http://localhost${pathname}`).pathname] = `${pathname}?block=${part.number}`;
      }
    }
    return named;
  }

  #sendBlock(number: number, response: ServerResponse): void {
    const part = this.#parts.find((part) => part.type === "js" && part.runs && part.number === number);
    if (part?.type === "js") send(response, "text/javascript", part.code);
    else response.writeHead(404).end();
  }
}

/**
 * The same document for every page; what it shows, its script fetches. The policy lets no other scripts run than files of
 * this server, which is a second wall behind the sanitiser.
 */
function sendShell(response: ServerResponse, imports: ImportMap): void {
  const map = JSON.stringify(imports);
  const hash = createHash("sha256").update(map).digest("base64");
  response.setHeader(
    "Content-Security-Policy",
    `default-src 'self'; img-src 'self' data:; script-src 'self' 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
  );
  send(
    response,
    "text/html",
    `<!doctype html>
<html lang="en" data-literate="running">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Documentation</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/packages/literate/page.css">
<script type="importmap">${map}</script>
<script type="module" src="/packages/literate/dist/in-page/main.js"></script>
</head>
<body><nav><a href="/README.md">All pages</a></nav><main></main></body>
</html>
`,
  );
}

function send(response: ServerResponse, type: string, content: string): void {
  response.setHeader("Content-Type", `${type}; charset=utf-8`);
  response.setHeader("Cache-Control", "no-store");
  response.end(content);
}
