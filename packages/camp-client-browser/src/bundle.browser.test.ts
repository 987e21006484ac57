import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { gzippedBytes, openPage, servePages } from "browser-testing";
import { nextSession, startServer } from "./support.test.js";

const folder = new URL("bundle/", import.meta.url);
const bundle = "/packages/camp-client-browser/dist/bundle/camp-client-browser.js";

// Bytes gzipped. Lower them when the files have become smaller; raise them only with a reason.

test("the prebuilt file stays within its budget", () => {
  const bytes = gzippedBytes(folder, ["camp-client-browser.js"]);
  assert.ok(bytes <= 9_400, `${bytes} bytes`);
});

test("all that a page with a session loads stays within its budget", () => {
  const bytes = gzippedBytes(folder, ["camp-client-browser.js", "camp-session-"]);
  assert.ok(bytes <= 36_800, `${bytes} bytes`);
});

test("a page without a bundler loads the prebuilt file, talks and streams, and errors have their names", async (t) => {
  const server = await startServer(t);
  const admitted = nextSession(server);
  const html = `<!doctype html><title>loading</title><script type="module">
    import { camp } from "${bundle}";
    const { name } = await camp("localhost", "secret", { timeout: -1 }).catch((error) => error);
    const session = await camp("127.0.0.1:${server.port}", "secret");
    await session.base.SendUTF8("hello");
    await session.transaction.Stream(new Blob(["streamed"]), { behaviour: "pull" });
    document.title = name;
  </script>`;
  const page = await openPage(t, { server: await servePages(t, { "/plain": html }), path: "/plain" });
  const session = await admitted;
  const texts: string[] = [];
  session.on("message-utf8", (text) => texts.push(text));
  const bytes: Buffer[] = [];
  for await (const chunk of await session.transaction.WaitForStream()) bytes.push(chunk);
  await page.waitForFunction(() => document.title === "OptionsError");
  assert.deepEqual([texts, Buffer.concat(bytes).toString()], [["hello"], "streamed"]);
});

test("when the rest of the client does not arrive, that is a typed error", async (t) => {
  const server = await startServer(t);
  const page = await openPage(t);
  await page.route("**/camp-session-*.js", (route) => route.abort());
  const result = await page.evaluate(
    async ({ host, bundle }) => {
      const { camp } = (await import(bundle)) as typeof import("camp-client-browser");
      return camp(host, "secret", { timeout: 500 }).catch((error) => `${error.name} ${error.code}: ${error.message}`);
    },
    { host: `127.0.0.1:${server.port}`, bundle },
  );
  assert.equal(
    result,
    "ConnectError UNAVAILABLE: the server of this client's files did not deliver all of them; try again later",
  );
  // The connections that were open already are given up.
  await Promise.all([...server.sessions.values()].map((session) => once(session, "closed")));
});
