import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { openPage } from "browser-testing";
import { camp } from "camp-server";

const bundle = new URL("bundle/", import.meta.url);
/** Made on the spot by a helper of another package's tests. */
const { selfSigned } = (await import(
  new URL("../../camp-runtime/dist/node/self-signed.test.js", import.meta.url).href
)) as { selfSigned(): { key: string; cert: string } };

test("a page that came over https connects by wss without being told, and says that it may not without TLS", async (t) => {
  const files = new Map(readdirSync(bundle).map((name) => [`/${name}`, readFileSync(new URL(name, bundle))]));
  const http = createServer(selfSigned(), ({ url = "/" }, response) => {
    response.setHeader("Content-Type", url === "/" ? "text/html" : "text/javascript");
    response.end(files.get(url) ?? "<!doctype html><title>secure</title><link rel=icon href=data:,>");
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  const server = await camp({ validate: () => true }, { server: http, path: "/camp" });
  t.after(async () => {
    await server.Destroy();
    http.closeAllConnections();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  const page = await openPage(t, { server: { origin: `https://localhost:${port}`, port }, ignoreHTTPSErrors: true });
  const result = await page.evaluate(
    async ({ port, client }) => {
      const { camp } = (await import(client)) as typeof import("camp-client-browser");
      const session = await camp(`${location.host}/camp`, "secret");
      const sent = await session.base.SendUTF8("over TLS");
      await session.Close();
      const insecure = await camp(`ws://insecure.test:${port}/camp`, "secret").catch(
        (error: { code: string }) => error.code,
      );
      return [location.protocol, sent, insecure];
    },
    { port, client: "/camp-client-browser.js" },
  );
  assert.deepEqual(result, ["https:", true, "TLS"]);
});
