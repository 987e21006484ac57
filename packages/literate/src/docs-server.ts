import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join, normalize, posix, sep } from "node:path";
import { createImportMap, type ImportMap, repositoryRoot, sendFile } from "browser-testing/files";
import { LiteratePage } from "./literate-page.js";
import { isLiterate } from "./parts.js";

/** What a server of documentation has beside the files of the repository. */
export interface DocsOptions {
  /** Literate pages that are no files, by their paths. */
  readonly pages?: Readonly<Record<string, string>>;
  /** Where imports of pages lead, beside the packages of the repository. Names that begin with a slash are paths. */
  readonly imports?: ImportMap["imports"];
}

/** Assertions of a page are counted where they stand. */
const ownImports = { "node:assert/strict": "/packages/literate/dist/in-page/assert.js" };

/**
 * A server that shows the Markdown files of the repository as pages, with their blocks run if they are literate, and serves
 * what those import. It is not listening yet; it is meant for 127.0.0.1.
 */
export function createDocsServer({ pages = {}, imports = {} }: DocsOptions = {}): Server {
  const map: ImportMap = { imports: { ...createImportMap().imports, ...ownImports, ...imports } };
  return createServer((request, response) => {
    answer(request, response, pages, map).catch(() => response.writeHead(500).end());
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pages: Readonly<Record<string, string>>,
  imports: ImportMap,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (Object.hasOwn(pages, pathname)) {
    new LiteratePage(pages[pathname]!, true).answer(request, response, imports);
    return;
  }
  const path = decoded(pathname);
  if (path === null) response.writeHead(400).end();
  else if (path.endsWith(".md")) await sendPage(path, request, response, imports);
  else if (existsSync(fileOf(`${path}/README.md`))) redirect(response, `${path.replace(/\/$/, "")}/README.md`);
  else await sendFile(path, response);
}

async function sendPage(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  imports: ImportMap,
): Promise<void> {
  const markdown = await readFile(fileOf(path), "utf8").catch(() => null);
  if (markdown === null) response.writeHead(404).end();
  else new LiteratePage(markdown, isLiterate(markdown)).answer(request, response, imports);
}

/** The file of the repository that a path leads to, or its root if it would lead out of it. */
function fileOf(path: string): string {
  const file = normalize(join(repositoryRoot, path));
  return file.startsWith(repositoryRoot + sep) ? file : repositoryRoot;
}

function redirect(response: ServerResponse, path: string): void {
  response.writeHead(302, { Location: encodeURI(path) }).end();
}

/** A path as it names a file; null if it names none. */
function decoded(pathname: string): string | null {
  try {
    return posix.normalize(decodeURIComponent(pathname));
  } catch {
    return null;
  }
}
