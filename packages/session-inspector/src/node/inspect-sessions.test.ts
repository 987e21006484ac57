import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { type TestContext, test } from "node:test";
import { CAMP as connect } from "camp-client-node";
import { CAMP as serve } from "camp-server";
import { Recording } from "session-recorder";
import { type InspectOptions, inspectSessions } from "./index.js";

async function inspector(t: TestContext, options: InspectOptions = {}) {
  const running = await inspectSessions(options);
  t.after(() => running.close());
  const { origin, hash } = new URL(running.url);
  const token = hash.slice(1);
  return { ...running, origin, token, bearer: { authorization: `Bearer ${token}` } };
}

/** What is streamed until a line holds `text`. */
async function linesUntil(origin: string, headers: Record<string, string>, text: string): Promise<string[]> {
  const response = await fetch(`${origin}/steps`, { headers });
  assert.equal(response.status, 200);
  let said = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    said += chunk;
    if (said.includes(text)) break;
  }
  return said.split("\n").filter((line) => line !== "");
}

/** A session that says something, and its end. */
async function talk(t: TestContext, text: string): Promise<void> {
  const server = await serve({ validate: async () => true }, { port: 0, host: "127.0.0.1" });
  t.after(() => server.Destroy());
  const session = await connect(`127.0.0.1:${server.port}`, "a secret token", { reconnect: false });
  await session.base.SendUTF8(text);
  await session.Close("done");
}

test("who has the token is told of every step, as a recording", async (t) => {
  const { origin, bearer } = await inspector(t);
  const reading = linesUntil(origin, bearer, '"event":"closed"');
  await talk(t, "what nobody should see");
  const lines = await reading;
  const recording = Recording.read(lines.filter((line) => !line.startsWith('{"inspector"')));
  assert.ok(recording.rows.size >= 2);
  const said = lines.join("\n");
  for (const secret of ["what nobody should see", "a secret token", bearer.authorization])
    assert.ok(!said.includes(secret));
  assert.ok(!said.includes('"hex"'));
});

test("payloads are shown where that was asked for, tokens never", async (t) => {
  const { origin, bearer } = await inspector(t, { payloads: true });
  const reading = linesUntil(origin, bearer, '"event":"closed"');
  await talk(t, "shown");
  const said = (await reading).join("\n");
  assert.ok(said.includes(Buffer.from("shown").toString("hex")));
  assert.ok(!said.includes(Buffer.from("a secret token").toString("hex")));
});

for (const [what, headers] of [
  ["no token", {}],
  ["another token", { authorization: "Bearer x" }],
  ["the token as a query", {}],
] as const) {
  test(`${what}: nothing is told`, async (t) => {
    const { origin, token } = await inspector(t);
    const response = await fetch(`${origin}/steps${what.endsWith("query") ? `?token=${token}` : ""}`, { headers });
    assert.equal(response.status, 401);
    assert.equal(await response.text(), "open the address that was printed\n");
  });
}

test("pages of others get nothing, not even with the token", async (t) => {
  const { origin, bearer } = await inspector(t);
  const response = await fetch(`${origin}/steps`, { headers: { ...bearer, origin: "https://evil.example" } });
  assert.equal(response.status, 403);
});

test("a name that somebody else made lead here is refused", async (t) => {
  const { port, bearer } = await inspector(t);
  const asked = request({ host: "127.0.0.1", port, path: "/", headers: { ...bearer, host: "evil.example" } }).end();
  const [response] = await once(asked, "response");
  assert.equal(response.statusCode, 421);
  response.resume();
});

test("the page comes with a policy that lets nothing else in, and other paths with nothing", async (t) => {
  const { origin } = await inspector(t);
  const page = await fetch(origin);
  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-security-policy")!, /^default-src 'none'; script-src 'self';/);
  await page.text();
  for (const path of ["/../package.json", "/__proto__", "/inspector.js.map"]) {
    const response = await fetch(origin + path);
    assert.equal(response.status, 404, path);
    await response.text();
  }
  assert.equal((await fetch(origin, { method: "POST" })).status, 405);
});

test("tokens differ from one inspector to the next, and closing frees the port and ends the recording", async (t) => {
  const one = await inspector(t);
  const other = await inspector(t);
  assert.notEqual(one.token, other.token);
  await one.close();
  await one.close();
  await assert.rejects(fetch(one.origin));
});
