import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CAMP as connect } from "camp-client-node";
import { compareRecordings, compareRows, linesOf, Recorder, type RecordingError } from "session-recorder";
import { fork, play, scriptOf } from "session-recorder/replay";
import { loadRecording, recordSessions, saveRecording } from "./index.js";
import { startLiveServer, token } from "./live-server.test.js";

/** Two sessions: messages and streams both ways, a cut, and a message while nobody is there to take it. */
async function live(payloads: boolean): Promise<Recorder> {
  const recorder = new Recorder({ now: () => performance.now(), payloads });
  const stop = recordSessions(recorder);
  const server = await startLiveServer();
  const first = await connect(server.address, token, { reconnect: { minDelayMs: 10, maxDelayMs: 20 } });
  const second = await connect(server.address, token);
  await Promise.all([first.base.SendUTF8("grüße"), second.base.SendBinary(Buffer.alloc(1000))]);
  const down = first.transaction.WaitForStream("down");
  await first.transaction.Stream(Buffer.alloc(100_000, "u"), { streamName: "up" });
  for await (const _ of await down);
  const back = once(first, "reconnected");
  server.cut(0);
  void first.base.SendUTF8("in the cut");
  await back;
  const echoed = once(first, "message-utf8");
  await first.base.SendUTF8("after it");
  await echoed;
  await first.Close("done");
  const last = second.base.SendUTF8("under way when it closes");
  await second.Close("done, too");
  await last;
  await server.stop();
  stop();
  return recorder;
}

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "recording-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

for (const payloads of [false, true]) {
  test(`a live server is recorded, saved, loaded and replayed ${payloads ? "with" : "without"} payloads`, async (t) => {
    const path = join(await folder(t), "run.jsonl");
    const recorder = await live(payloads);
    await saveRecording(recorder, path);
    assert.equal((await stat(path)).mode & 0o077, 0, "others may not read it");
    const loaded = await loadRecording(path);
    assert.equal(loaded.tree.toString(), recorder.tree.toString());
    assert.deepEqual(compareRecordings(recorder, loaded, { times: true }), new Map());
    assert.deepEqual([...linesOf(loaded)], [...linesOf(recorder)]);
    assert.deepEqual([...loaded.rows.keys()], [0, 1, 2, 3, 4]);
    for (const row of [1, 2, 3, 4]) {
      const { recorded, state, unsettled } = await play(await scriptOf(loaded, row));
      const difference = compareRows(loaded.steps(row), recorded.steps(1));
      assert.equal(difference?.text, undefined, `row ${row}\n${[...linesOf(loaded)].join("\n")}`);
      assert.deepEqual([state, unsettled], ["closed", []]);
    }
  });
}

test("a row of a live server forks", async () => {
  const recorder = await live(false);
  const script = await scriptOf(recorder, 1);
  const at = recorder.steps(1).findLastIndex(({ step }) => step.handler === "receive");
  const replay = await play(fork(script, { at, kind: "cut" }), { restMs: 200_000 });
  const parting = compareRows(recorder.steps(1), replay.recorded.steps(1), { beliefs: false })!;
  assert.deepEqual([parting.index, parting.right!.step.event], [at, "disconnected"]);
});

test("what is no recording is refused, and names its line", async (t) => {
  const path = join(await folder(t), "broken.jsonl");
  await writeFile(path, '{"recording":1,"payloads":false}\n{"handler":"row"');
  await assert.rejects(loadRecording(path), (error: RecordingError) => error.code === "NOT_JSON" && error.line === 2);
  await assert.rejects(loadRecording(`${path}.absent`), { code: "ENOENT" });
});
