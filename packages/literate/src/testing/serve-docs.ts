import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import type { PageServer } from "browser-testing";
import { createDocsServer, type DocsOptions } from "../index.js";

/** Serves the documentation until the test ends, at a port that was free. */
export async function serveDocs(t: TestContext, options?: DocsOptions): Promise<PageServer> {
  const server = createDocsServer(options).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, port };
}
