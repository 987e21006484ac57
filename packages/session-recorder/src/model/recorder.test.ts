import assert from "node:assert/strict";
import { test } from "node:test";
import { type Belief, type EndRecorder, fieldsOf, type RecordedStep, Recorder } from "./index.js";

interface End {
  role: "client" | "server";
  dialect: string;
  state: string;
  stats: { framesTx: number; rttMs: number | null };
}

function end(role: "client" | "server" = "client"): End {
  return { role, dialect: "camp", state: "open", stats: { framesTx: 0, rttMs: null } };
}

/** Sends a frame that is never there. */
function send(row: EndRecorder, end: End, description = "utf8data ack=0 payload=5B"): void {
  end.stats = { ...end.stats, framesTx: end.stats.framesTx + 1 };
  row.frame({ direction: "out", description, bytes: 18, content: () => assert.fail("payloads were not asked for") });
}

test("a step tells what it changed, and its residue everything", () => {
  let now = 1000;
  const recorder = new Recorder({ now: () => now });
  const heard: RecordedStep[] = [];
  recorder.onStep((recorded) => heard.push(recorded));
  const client = end();
  const row = recorder.watch(client, 12345678n)!;
  now += 1.234;
  row.event("attached");
  client.stats.rttMs = 0.4567;
  send(row, client);
  assert.deepEqual(
    heard.map(({ step }) => step),
    [
      { handler: "connect", event: "attached", changed: { state: "open", connections: 1 }, number: 0, atMs: 1.23 },
      {
        ...{ handler: "send", direction: "out", frame: "utf8data ack=0 payload=5B", bytes: 18 },
        ...{ changed: { rttMs: 0.46, framesTx: 1 }, number: 1, atMs: 1.23 },
      },
    ],
  );
  const { belief } = heard[1]!;
  assert.deepEqual(
    [belief.session, belief.state, belief.connections, belief.framesTx, belief.rttMs, belief.steps],
    ["…5678", "open", 1, 1, 0.46, 2],
  );
  assert.deepEqual(recorder.steps(1), heard);
});

test("frames are told apart by their kinds, and nothing in their lines is content", () => {
  const recorder = new Recorder({ now: () => 0 });
  const client = end();
  const row = recorder.watch(client, 1n)!;
  const lines = ["endpoint_info ack=0 version=1 features=0x3", "tx_chunk txId=1 offset=0 payload=5B", "ping_pong ping"];
  for (const line of [...lines, "ack ack=1", "bye ack=1 reason=4B", "token_state ack=1", "not a frame: x"]) {
    send(row, client, line);
  }
  assert.equal(
    recorder
      .steps(1)
      .map(({ step }) => step.handler)
      .join(" "),
    "challenge stream ping ack close token error",
  );
  assert.deepEqual(fieldsOf(lines[1]!), { type: "tx_chunk", txId: 1, offset: 0, payload: "5 B" });
  assert.deepEqual(fieldsOf(lines[2]!), { type: "ping_pong", ping: true });
});

test("its memory is bounded: older steps fold into what they came to, ended rows go", () => {
  const recorder = new Recorder({ now: () => 0, maxNodes: 100 });
  let folds = 0;
  recorder.onFold(() => folds++);
  const living = end("server");
  const row = recorder.watch(living, 1n)!;
  for (let index = 0; index < 500; index++) {
    send(row, living);
    const brief = end();
    const briefRow = recorder.watch(brief, 2n)!;
    send(briefRow, brief);
    briefRow.event("closed", { code: 1000, reason: "" });
    send(briefRow, brief); // belongs to no row any more
    const { nodes, steps, foldedSteps } = recorder.summary;
    assert.ok(nodes <= 102 && steps - foldedSteps <= 100, `${nodes} nodes`);
  }
  const { rows, openRows, steps, foldedSteps, forgottenRows } = recorder.summary;
  assert.deepEqual([rows, openRows, steps], [501, 1, 1500]);
  assert.ok(folds > 10 && foldedSteps > 1300 && forgottenRows > 400);
  assert.equal(recorder.rows.size, 1 + rows - forgottenRows);
  const kept = recorder.steps(1);
  assert.equal(kept.length + recorder.rows.get(1)!.folded, 500);
  assert.deepEqual(
    kept.at(-1)!.belief,
    recorder.tree.residues().find((belief) => (belief as Belief).row === 1),
  );
  assert.equal(kept.at(-1)!.belief.framesTx, 500);
});

test("more open ends than there is room for are counted, not recorded", () => {
  const recorder = new Recorder({ now: () => 0, maxNodes: 100 });
  const rows = Array.from({ length: 60 }, (_, index) => recorder.watch(end(), BigInt(index)));
  assert.equal(rows.filter((row) => row === null).length, 10);
  assert.equal(recorder.summary.unrecordedRows, 10);
  rows[0]!.event("closed");
  assert.notEqual(recorder.watch(end(), 61n), null);
});

test("what others say is kept short, and may be called anything", () => {
  const recorder = new Recorder({ now: () => 0 });
  const row = recorder.watch({ ...end(), dialect: "__proto__" }, "__proto__")!;
  row.event("closed", { code: 1000, reason: "<b>".repeat(400_000) });
  recorder.happened("error", { error: new Error("\u0000 fault") });
  assert.equal(recorder.steps(1)[0]!.step.reason!.length, 200);
  assert.equal(recorder.steps(0)[0]!.step.reason, "Error: \u0000 fault");
  assert.equal(recorder.rows.get(1)!.session, "…to__");
});

for (const maxNodes of [0, 99, 1000.5, Number.NaN]) {
  test(`maxNodes ${maxNodes} is refused`, () => {
    assert.throws(() => new Recorder({ now: () => 0, maxNodes }), RangeError);
  });
}
