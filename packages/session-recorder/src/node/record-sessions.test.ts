import assert from "node:assert/strict";
import { type ChannelListener, channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { test } from "node:test";
import { CAMP as connect } from "camp-client-node";
import { CAMP as serve } from "camp-server";
import { type RecordedStep, Recorder } from "session-recorder";
import { startLiveServer, token } from "./live-server.test.js";
import { recordSessions } from "./record-sessions.js";

/** Two clients, streams both ways, a cut and the way back; recorded at both ends. */
async function live(recorder: Recorder): Promise<void> {
  const stop = recordSessions(recorder);
  const server = await startLiveServer();
  const first = await connect(server.address, token, { reconnect: { minDelayMs: 10, maxDelayMs: 20 } });
  const second = await connect(server.address, token);
  const echoed = once(first, "message-utf8");
  await first.base.SendUTF8("a secret word");
  await echoed;
  const down = first.transaction.WaitForStream("down");
  await first.transaction.Stream(Buffer.alloc(100_000, "s"), { streamName: "log" });
  for await (const _ of await down);
  const back = once(first, "reconnected");
  server.cut(0);
  await back;
  const echoedAgain = once(first, "message-utf8");
  await first.base.SendUTF8("after the cut");
  await echoedAgain;
  await assert.rejects(connect(server.address, "wrong"), { code: "UNAUTHORIZED" });
  await second.Close("done");
  await first.Close("done");
  await server.stop();
  stop();
}

/** What happened in a row: its events, and its frames without those that only answer others. */
function happened(steps: readonly RecordedStep[]): string {
  const quiet = new Set(["ack", "challenge", "ping"]);
  const names = steps.filter(({ step }) => !quiet.has(step.handler)).map(({ step }) => step.event ?? step.handler);
  return names.filter((name, index) => name !== names[index - 1]).join(" ");
}

test("a row for each end of each session has every step of its life", async () => {
  const recorder = new Recorder({ now: () => performance.now() });
  await live(recorder);
  const rows = [...recorder.rows.values()].map(
    ({ row, role, ended }) => `${row} ${role} ${ended} ${happened(recorder.steps(row))}`,
  );
  assert.deepEqual(rows, [
    "0 server false refused",
    "1 server true attached admitted connected receive send stream disconnected attached resumed receive send close closed",
    "2 client true attached connected send receive stream disconnected attached resumed send receive close closed",
    "3 server true attached admitted connected close closed",
    "4 client true attached connected close closed",
  ]);
  const { rows: recorded, openRows, refused, steps } = recorder.summary;
  assert.deepEqual([recorded, openRows, refused], [4, 0, 1]);
  assert.equal(steps, recorder.tree.nodes.length - 1 - recorder.rows.size, "each step is a node");
});

test("the residue of a step is what the end believed at that point", async () => {
  const recorder = new Recorder({ now: () => performance.now() });
  await live(recorder);
  const steps = recorder.steps(2);
  const cut = steps.findIndex(({ step }) => step.handler === "cut");
  const { belief: during } = steps.find(({ step }) => step.handler === "stream")!;
  const { belief: atTheCut, step } = steps[cut]!;
  assert.deepEqual([during.state, during.openStreams, during.connections], ["open", 1, 1]);
  assert.deepEqual([atTheCut.state, atTheCut.connections, step.code], ["disconnected", 1, 1006]);
  const { belief: after } = steps.find(({ step }) => step.handler === "resume")!;
  assert.deepEqual([after.state, after.connections, after.openStreams], ["open", 2, 0]);
  const { belief: last } = steps.at(-1)!;
  assert.deepEqual([last.state, last.unackedFrames, last.steps], ["closed", 0, steps.length]);
});

test("nothing secret is recorded, and payloads only where that was asked for", async () => {
  for (const payloads of [false, true]) {
    const recorder = new Recorder({ now: () => performance.now(), payloads });
    const ids: string[] = [];
    const hear = ({ id }: { id: bigint }): number => ids.push(`${id}`);
    subscribe("camp:session", hear as ChannelListener);
    await live(recorder);
    unsubscribe("camp:session", hear as ChannelListener);
    const text = recorder.tree.toString();
    for (const secret of [token, Buffer.from(token).toString("hex"), ...ids.filter((id) => id !== "null")]) {
      assert.ok(!text.includes(secret));
    }
    assert.equal(text.includes(Buffer.from("a secret word").toString("hex")), payloads);
    assert.equal(recorder.summary.payloadBytes > 100_000, payloads);
    const tickets = recorder.steps(2).filter(({ step }) => step.frame?.startsWith("resume_ticket"));
    assert.ok(tickets.every(({ step }) => (step.hex ?? "").endsWith(payloads ? "0".repeat(64) : "")));
  }
});

test("sessions that run already are recorded from their next step on, and not any more when it has ended", async (t) => {
  const server = await serve({ validate: async () => true }, { port: 0 });
  t.after(() => server.Destroy());
  const client = await connect(`127.0.0.1:${server.port}`, token);
  await once(client, "connected");
  const recorder = new Recorder({ now: () => performance.now() });
  const stop = recordSessions(recorder);
  await client.base.SendUTF8("one");
  const { steps } = recorder.summary;
  assert.ok(steps >= 4, "sent, received, acknowledged at both ends");
  stop();
  await client.base.SendUTF8("two");
  assert.equal(recorder.summary.steps, steps);
  assert.ok(!channel("camp:frame").hasSubscribers);
});
