import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { createImportMap, type ImportMap, sendFile } from "./files.js";

/** What stands at a path: HTML as text, or whoever answers the request. */
export type Page = string | RequestListener;

/** A server of pages on 127.0.0.1. */
export interface PageServer {
  readonly origin: string;
  readonly port: number;
}

/**
 * Serves pages until the test ends, at a port that was free. `/` is an empty page unless `pages` has one. Everything else
 * is a file of the repository, such as `/packages/camp-session/dist/index.js`. In a page given as text an import map takes the
 * place of `<!-- import map -->`, so that its scripts find the packages by name.
 */
export async function servePages(
  t: TestContext,
  pages: Readonly<Record<string, Page>> = {},
  changes: ImportMap["imports"] = {},
): Promise<PageServer> {
  const { imports } = createImportMap();
  const script = `<script type="importmap">${JSON.stringify({ imports: { ...imports, ...changes } })}</script>`;
  const all: Record<string, Page> = { "/": blankPage, ...pages };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    const page = Object.hasOwn(all, path) ? all[path]! : null;
    if (typeof page === "function") page(request, response);
    else if (page !== null) {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end(page.replace("<!-- import map -->", script));
    } else void sendFile(path, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, port };
}

const blankPage = `<!doctype html><html lang="en"><head><title>Test</title><link rel="icon" href="data:,"><!-- import map --></head><body></body></html>`;
