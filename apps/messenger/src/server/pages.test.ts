import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { createPages } from "./pages.js";

const bundle = fileURLToPath(new URL("../bundle", import.meta.url));
const firstLoadMax = 150 * 1024;

async function serve(t: TestContext, folder = bundle, token = "messenger"): Promise<string> {
  const server = createServer(createPages({ folder, token }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a request for a path sends over the wire, without the decompression that `fetch` does. */
async function sent(url: string): Promise<{ readonly bytes: number; readonly text: string }> {
  const response = await fetch(url, { headers: { "accept-encoding": "gzip" } });
  assert.equal(response.status, 200, url);
  const text = await response.text();
  return { bytes: Number(response.headers.get("content-length")), text };
}

describe("the pages", () => {
  it("are small: everything that the first load takes is at most 150 KB gzipped", async (t) => {
    const origin = await serve(t);
    const { bytes, text } = await sent(`${origin}/`);
    let total = bytes;
    const needed = [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]!);
    assert.ok(needed.includes("/app.js") && needed.includes("/app.css"));
    for (const path of new Set(needed)) total += (await sent(origin + path)).bytes;
    // What the script imports at once; what it loads on demand is written as a call.
    const { text: script } = await sent(`${origin}/app.js`);
    for (const [, name] of script.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g))
      total += (await sent(`${origin}/${name}`)).bytes;
    assert.ok(total > 20_000 && total <= firstLoadMax, `${total} bytes`);
  });

  it("run no script and load nothing but their own, whatever is asked for", async (t) => {
    const origin = await serve(t);
    for (const path of ["/", "/app.js", "/worker.js", "/nothing", "/../server/main.js"]) {
      const { headers } = await fetch(origin + path);
      const policy = headers.get("content-security-policy")!;
      const directives = new Map(
        policy.split("; ").map((each) => [each.split(" ")[0]!, each.split(" ").slice(1).join(" ")]),
      );
      assert.equal(directives.get("default-src"), "'none'");
      assert.equal(directives.get("script-src"), "'self'");
      assert.equal(directives.get("style-src"), "'self'");
      assert.equal(directives.get("frame-ancestors"), "'none'");
      assert.equal(directives.get("require-trusted-types-for"), "'script'");
      assert.doesNotMatch(policy, /unsafe|\*|https?:|data:|blob:/);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("referrer-policy"), "no-referrer");
    }
  });

  it("are not sent again while they are the same", async (t) => {
    const origin = await serve(t);
    const first = await fetch(`${origin}/app.js`);
    const etag = first.headers.get("etag")!;
    assert.equal((await fetch(`${origin}/app.js`, { headers: { "if-none-match": etag } })).status, 304);
    assert.equal((await fetch(`${origin}/app.js`, { headers: { "if-none-match": '"another"' } })).status, 200);
  });

  it("are there without compression, and to look at without a body", async (t) => {
    const origin = await serve(t);
    const plain = await fetch(`${origin}/app.css`, { headers: { "accept-encoding": "identity" } });
    assert.equal(plain.headers.get("content-encoding"), null);
    assert.equal(Number(plain.headers.get("content-length")), (await plain.arrayBuffer()).byteLength);
    const head = await fetch(`${origin}/app.css`, { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [200, ""]);
  });

  it("answer what they do not have with 404, and what is no question with 405", async (t) => {
    const origin = await serve(t);
    assert.equal((await fetch(`${origin}/index.html`)).status, 404);
    assert.equal((await fetch(`${origin}/__proto__`)).status, 404);
    assert.equal((await fetch(`${origin}/`, { method: "POST", body: "x" })).status, 405);
  });

  it("bring the token along as text", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "pages-"));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "index.html"), '<meta name="messenger-token" content="messenger">');
    const { text } = await sent(await serve(t, folder, `"><script>$&`));
    assert.equal(text, '<meta name="messenger-token" content="&#34;&#62;&#60;script&#62;$&#38;">');
  });

  it("know in their worker every file that they need without a network", async (t) => {
    const origin = await serve(t);
    const { text } = await sent(`${origin}/worker.js`);
    for (const path of ["/", "/app.js", "/app.css", "/icon.svg", "/manifest.webmanifest"])
      assert.ok(text.includes(`"${path}"`), path);
  });
});
