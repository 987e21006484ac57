import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import fc from "fast-check";
import { compareRows, linesOf, type Recorded, type RecordedStep, Recording, RecordingError } from "session-recorder";
import { fork, minimise, play, type Replay, ReplayError, type Script, scriptOf } from "./index.js";
import { MockLife } from "./mock-life.test.js";

const names = { 1: "client", 2: "server" } as const;
/** Longer than any deadline of a session. */
const restMs = 200_000;

function stepsOf({ recorded }: Replay): RecordedStep[] {
  return recorded.steps(1);
}

function closed(replay: Replay): number | undefined {
  return stepsOf(replay).find(({ step }) => step.event === "closed")?.step.code;
}

describe("a replay", () => {
  let recorded: Recorded;
  /** The same without payloads. */
  let bare: Recorded;
  const scripts = new Map<number, Script>();

  before(async () => {
    const { recorder } = await new MockLife().live();
    recorded = Recording.read(linesOf(recorder));
    const lines = [...linesOf(recorded)].map((line) => JSON.stringify({ ...JSON.parse(line), hex: undefined }));
    bare = Recording.read(['{"recording":1,"payloads":false}', ...lines.slice(1)]);
    for (const row of [1, 2]) scripts.set(row, await scriptOf(recorded, row));
  });

  for (const row of [1, 2] as const) {
    it(`of the ${names[row]} goes as it was recorded, step by step, with its payloads`, async () => {
      const replay = await play(scripts.get(row)!);
      assert.equal(compareRows(recorded.steps(row), stepsOf(replay))?.text, undefined);
      assert.equal(stepsOf(replay).length, recorded.steps(row).length);
      assert.deepEqual([replay.state, replay.unsettled], ["closed", []]);
      assert.ok(stepsOf(replay).some(({ step }) => step.hex !== undefined));
    });

    it(`of the ${names[row]} is the same each time, and can be saved and replayed itself`, async () => {
      const one = await play(scripts.get(row)!);
      const other = await play(scripts.get(row)!);
      assert.deepEqual([...linesOf(one.recorded)], [...linesOf(other.recorded)]);
      const again = await play(await scriptOf(Recording.read(linesOf(one.recorded)), 1));
      assert.equal(compareRows(stepsOf(one), stepsOf(again))?.text, undefined);
    });

    it(`of the ${names[row]} forks at every step with a cut: one end, nothing held, every promise settled`, async () => {
      const script = await scriptOf(bare, row);
      const last = script.actions.at(-1)!.step;
      for (let at = 1; at <= last; at++) {
        const replay = await play(fork(script, { at, kind: "cut" }), { restMs });
        const steps = stepsOf(replay);
        const parting = compareRows(recorded.steps(row), steps, { beliefs: false });
        assert.ok(parting === null || parting.index >= at - 1, `fork at ${at}: ${parting?.text}`);
        assert.equal(steps.filter(({ step }) => step.event === "closed").length, 1, `fork at ${at}`);
        const { unackedFrames, queuedFrames, openStreams } = steps.at(-1)!.belief;
        assert.deepEqual([unackedFrames, queuedFrames, openStreams, replay.unsettled], [0, 0, 0, []], `fork at ${at}`);
      }
    });
  }

  it("of a recording without payloads has frames of the same sizes", async () => {
    for (const row of [1, 2]) {
      const replay = await play(await scriptOf(bare, row));
      assert.equal(compareRows(bare.steps(row), stepsOf(replay))?.text, undefined);
    }
  });

  it("forks with a delay: what comes over the network comes later, nothing else changes", async () => {
    const at = 8;
    const replay = await play(fork(scripts.get(1)!, { at, kind: "delay", ms: 40 }));
    const late = stepsOf(replay).findIndex(({ step }, index) => index >= at && step.direction === "in");
    const before = recorded.steps(1).findIndex(({ step }, index) => index >= at && step.direction === "in");
    assert.equal(stepsOf(replay)[late]!.step.atMs, recorded.steps(1)[before]!.step.atMs + 40);
    assert.equal(closed(replay), 4000);
  });

  it("forks with a changed frame: the first difference is that frame", async () => {
    const at = recorded.steps(2).findIndex(({ step }) => step.handler === "receive");
    const short = (frame: Uint8Array): Uint8Array => frame.subarray(0, 5);
    const replay = await play(fork(scripts.get(2)!, { at, kind: "change", change: short }), { restMs });
    const difference = compareRows(recorded.steps(2), stepsOf(replay))!;
    assert.deepEqual([difference.index, difference.field], [at, "handler"]);
    assert.match(difference.text, /^step \d+: in utf8data .* \/ in not a frame: /);
    assert.ok(stepsOf(replay).some(({ step }) => step.direction === "out" && step.frame?.startsWith("error ")));
  });

  it("forks with a frame that never comes: what it acknowledged stays unacknowledged until its time is over", async () => {
    const at = recorded
      .steps(1)
      .findIndex(({ step, belief }) => step.frame === "ack ack=1" && belief.unackedFrames > 0);
    assert.ok(at > 0);
    const lost = await play(fork(scripts.get(1)!, { at, kind: "change", change: () => null }));
    const difference = compareRows(recorded.steps(1), stepsOf(lost))!;
    assert.equal(difference.index, at);
  });

  it("forks with a stall: a connection of which nobody is told that it is dead ends by its heartbeats", async () => {
    const settings = { keepAliveIntervalMs: 5000 };
    const script = await scriptOf(recorded, 2, { settings, resumeWindowMs: 30_000 });
    const at = recorded.steps(2).findIndex(({ step }) => step.handler === "receive");
    const replay = await play(fork(script, { at, kind: "stall" }), { restMs });
    const cut = stepsOf(replay).find(({ step }) => step.event === "disconnected")!;
    assert.ok(cut.step.atMs > 5000, "after beats without an answer");
    assert.equal(replay.state, "closed");
  });

  it("is cut down to a short prefix that still fails", async () => {
    const at = recorded.steps(2).findLastIndex(({ step }) => step.handler === "receive");
    const hostile = (frame: Uint8Array): Uint8Array => frame.fill(9, 8, 9);
    const script = fork(scripts.get(2)!, { at, kind: "change", change: (frame) => hostile(frame).subarray(0, 12) });
    const fails = (replay: Replay): boolean =>
      stepsOf(replay).some(({ step }) => step.direction === "out" && step.frame?.startsWith("error ") === true);
    assert.ok(fails(await play(script)));
    const short = (await minimise(script, fails))!;
    assert.deepEqual(
      short.actions.map(({ what }) => what.split(" ")[0]),
      ["a", "utf8data"],
      "a connection and the changed frame",
    );
    assert.ok(fails(await play(short)));
    assert.equal(await minimise(scripts.get(2)!, fails), null, "the recording itself does not fail");
  });

  it("of whatever a recording says ends with a script or with an error that says why", async () => {
    const lines = [...linesOf(bare)];
    const frames = [
      "tx_fetch ack=1 txId=0 start=a end=1",
      "utf8data ack=x payload=99999999999999B",
      "resume received=y",
    ];
    const broken = fc.oneof(
      fc.constantFrom(...frames).map((frame) => ({ frame })),
      fc.constantFrom("attached", "closed", "disconnected", "resumed", "x").map((event) => ({ event })),
      fc.record({ code: fc.integer({ min: 0, max: 70_000 }), reason: fc.string({ maxLength: 400 }) }),
      fc.constantFrom("", "00", "ff".repeat(40)).map((hex) => ({ hex })),
    );
    const spoiled = fc.array(fc.tuple(fc.nat(lines.length - 1), broken), { minLength: 1, maxLength: 3 });
    const property = fc.asyncProperty(spoiled, async (changes) => {
      const text = [...lines];
      for (const [at, change] of changes) text[at] = JSON.stringify({ ...JSON.parse(text[at]!), ...change });
      try {
        const recording = Recording.read(text);
        for (const row of [1, 2]) await play(await scriptOf(recording, row), { restMs });
      } catch (error) {
        assert.ok(error instanceof ReplayError || error instanceof RecordingError, String(error));
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it("refuses rows and steps that cannot be replayed", async () => {
    await assert.rejects(scriptOf(recorded, 9), ReplayError);
    await assert.rejects(scriptOf(recorded, 0), ReplayError);
    assert.throws(() => fork(scripts.get(1)!, { at: 10_000, kind: "cut" }), ReplayError);
    assert.throws(() => fork(scripts.get(1)!, { at: 0, kind: "change", change: () => null }), ReplayError);
    assert.throws(() => fork(scripts.get(1)!, { at: 1, kind: "delay", ms: Number.NaN }), RangeError);
    const folded = [...linesOf(recorded)].filter((line) => !line.includes('"event":"attached"'));
    await assert.rejects(scriptOf(Recording.read(folded), 1), /does not begin with its first connection/);
    const other = [...linesOf(recorded)].map((line) => line.replace('"dialect":"camp"', '"dialect":"<b>\\u202e"'));
    await assert.rejects(scriptOf(Recording.read(other), 1), /^ReplayError: a row of "<b>\\u202e" cannot be replayed$/);
  });
});
