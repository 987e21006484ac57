import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { cryo as connect } from "cryo-client-node";
import { cryo as serve } from "cryo-server";
import { compareRows, linesOf, Recorder, Recording } from "session-recorder";
import { play, scriptOf } from "session-recorder/replay";
import { recordSessions } from "./index.js";

/** A session with messages both ways, a ping, and an end while a message is still under way. */
async function live(t: TestContext, useCale: boolean, payloads: boolean): Promise<Recorder> {
  const recorder = new Recorder({ now: () => performance.now(), payloads });
  const stop = recordSessions(recorder);
  const options = { port: 0, host: "127.0.0.1", use_cale: useCale };
  const server = await serve({ validate: async () => true }, options);
  t.after(() => server.Destroy());
  server.on("session", (session) => {
    session.on("message-utf8", (text) => session.SendUTF8(`echo ${text}`).catch(() => undefined));
  });
  const session = await connect(`127.0.0.1:${server.port}`, "token", useCale, 5000);
  const echoed = once(session, "message-utf8");
  await session.SendUTF8("grüße");
  await echoed;
  await session.SendBinary(Buffer.alloc(100));
  await session.SendPing();
  const last = session.SendError("oh");
  await session.Close("done");
  await last;
  await server.Destroy();
  stop();
  return recorder;
}

for (const payloads of [false, true]) {
  test(`both ends of a live Cryo session are replayed ${payloads ? "with" : "without"} payloads`, async (t) => {
    const loaded = Recording.read(linesOf(await live(t, false, payloads)));
    assert.deepEqual([...loaded.rows.keys()], [0, 1, 2]);
    for (const row of [1, 2]) {
      const { recorded, state, unsettled } = await play(await scriptOf(loaded, row));
      const difference = compareRows(loaded.steps(row), recorded.steps(1));
      assert.equal(difference?.text, undefined, `row ${row}\n${[...linesOf(loaded)].join("\n")}`);
      assert.deepEqual([state, unsettled], ["closed", []]);
    }
  });
}

test("what CALE encrypts is recorded, and says why it is not replayed", async (t) => {
  const recorder = await live(t, true, false);
  for (const row of [1, 2]) {
    assert.ok(recorder.steps(row).some(({ step }) => step.event === "secure"));
    await assert.rejects(scriptOf(recorder, row), /CALE encrypts cannot be replayed: recordings have no keys/);
  }
});
