import assert from "node:assert/strict";
import { test } from "node:test";
import { runChaos, runTornStream, wrong } from "./chaos.js";
import { meet } from "./ends.js";

test("nothing is lost, doubled or reordered on a network that does its worst", async () => {
  const report = await runChaos(3000, 7);
  assert.equal(wrong(report), 0, JSON.stringify(report));
  assert.equal(report.anew, 0);
  assert.ok(report.resumes > 5, `${report.resumes} connections resumed the session`);
  assert.ok(report.up.acknowledged > 100 && report.down.acknowledged > 100);
});

test("a stream through many cuts has the right hash, up and down", async () => {
  const { whole, cuts, anew } = await runTornStream(24 << 20, 10);
  assert.deepEqual({ whole, cuts, anew }, { whole: true, cuts: 20, anew: 0 });
});

test("a connection may break after every byte of its upgrade and handshake, and the session goes on", async () => {
  const ends = await meet();
  const { client, session, network, life } = ends;
  const received: string[] = [];
  session.on("message-utf8", (text) => received.push(text));
  const sent: string[] = [];
  for (let bytes = 1; bytes < 900; bytes++) {
    // The next connection breaks after so many bytes of both directions together, the one after it holds.
    const limits = [bytes];
    network.bytesBeforeCut = () => limits.shift() ?? Number.POSITIVE_INFINITY;
    network.cut();
    sent.push(String(bytes));
    await client.base.SendUTF8(String(bytes));
  }
  assert.deepEqual(received, sent);
  assert.deepEqual([life.sessions, life.anew], [1, 0]);
  await ends.close();
});
