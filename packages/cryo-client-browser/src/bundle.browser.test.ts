import assert from "node:assert/strict";
import { test } from "node:test";
import { gzippedBytes, openPage, servePages } from "browser-testing";
import { cryo as serve } from "cryo-server";

const folder = new URL("bundle/", import.meta.url);
const bundle = "/packages/cryo-client-browser/dist/bundle/cryo-client-browser.js";

// Bytes gzipped. Lower them when the files have become smaller; raise them only with a reason.

test("the prebuilt file stays within its budget", () => {
  const bytes = gzippedBytes(folder, ["cryo-client-browser.js"]);
  assert.ok(bytes <= 8_800, `${bytes} bytes`);
});

test("all that a page with an encrypted session loads stays within its budget", () => {
  const bytes = gzippedBytes(folder, ["cryo-client-browser.js", "cryo-session-", "cale-", "web-cale-crypto-"]);
  assert.ok(bytes <= 28_880, `${bytes} bytes`);
});

test("when what encrypts does not arrive, that is a typed error", async (t) => {
  const server = await serve({ validate: () => true }, { port: 0, host: "127.0.0.1" });
  t.after(() => server.Destroy());
  const page = await openPage(t);
  await page.route("**/web-cale-crypto-*.js", (route) => route.abort());
  const result = await page.evaluate(
    async ({ host, bundle }) => {
      const { cryo } = (await import(bundle)) as typeof import("cryo-client-browser");
      return cryo(host, "secret", true, 500).catch((error) => `${error.name} ${error.code}`);
    },
    { host: `127.0.0.1:${server.port}`, bundle },
  );
  assert.equal(result, "ConnectError UNAVAILABLE");
});

test("a page without a bundler loads the prebuilt file and encrypts, and errors have their names", async (t) => {
  const server = await serve({ validate: () => true }, { port: 0, host: "127.0.0.1", use_cale: true });
  t.after(() => server.Destroy());
  const html = `<!doctype html><title>loading</title><script type="module">
    import { cryo } from "${bundle}";
    const { name } = await cryo("localhost", "secret", { timeout: -1 }).catch((error) => error);
    const session = await cryo("127.0.0.1:${server.port}", "secret", true);
    if (await session.SendUTF8("hello")) document.title = name + " " + session.secure;
  </script>`;
  const page = await openPage(t, { server: await servePages(t, { "/plain": html }), path: "/plain" });
  await page.waitForFunction(() => document.title === "OptionsError true");
});
