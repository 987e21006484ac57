import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Belief, linesOf, Recorder, Recording, RecordingError } from "./index.js";

/** A recording of one client that sends, and of a server that refused somebody. */
function recorded(steps = 3, maxNodes = 50_000): Recorder {
  const recorder = new Recorder({ now: () => 0, maxNodes, payloads: true });
  const end = { role: "client", dialect: "camp", state: "open", stats: { framesTx: 0 } } as const;
  const row = recorder.watch(end, 12345678n)!;
  row.event("attached");
  for (let index = 0; index < steps; index++) {
    const content = () => Uint8Array.of(index % 256, 255);
    row.frame({ direction: "out", description: `utf8data ack=${index} payload=5B`, bytes: 18, content });
  }
  recorder.happened("refused", { code: 401, reason: "</script><b>\u0000" });
  return recorder;
}

function read(lines: readonly unknown[]): Recording {
  return Recording.read(lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))));
}

const header = { recording: 1, payloads: false };
const row = { handler: "row", row: 1, role: "client", dialect: "camp", session: "…5678", atMs: 0 };
const step = { row: 1, handler: "send", number: 0, atMs: 0, direction: "out", frame: "utf8data", bytes: 1 };

describe("a recording", () => {
  it("that was saved and read has the same tree, rows and steps", () => {
    const before = recorded();
    const after = Recording.read([...linesOf(before)].join("\n"));
    assert.equal(after.tree.toString(), before.tree.toString());
    assert.deepEqual(after.tree.residues(), before.tree.residues());
    assert.deepEqual([...after.rows.keys()], [...before.rows.keys()]);
    for (const number of before.rows.keys()) assert.deepEqual(after.steps(number), before.steps(number));
    assert.deepEqual([...linesOf(after)], [...linesOf(before)]);
  });

  it("whose older steps were folded begins with what they came to", () => {
    const before = new Recorder({ now: () => 0, maxNodes: 100 });
    const ends = [1, 2].map(
      () => ({ role: "client", dialect: "camp", state: "open", stats: { framesTx: 0 } }) as const,
    );
    const rows = ends.map((end) => before.watch(end, 1n)!);
    const content = () => new Uint8Array();
    for (let index = 0; index < 500; index++) {
      Object.assign(ends[index % 2]!.stats, { framesTx: index });
      rows[index % 2]!.frame({ direction: "out", description: `ack ack=${index}`, bytes: 13, content });
    }
    const after = Recording.read(linesOf(before));
    assert.equal(after.tree.toString(), before.tree.toString());
    assert.deepEqual(after.tree.residues(), before.tree.residues());
    for (const row of [1, 2]) {
      assert.deepEqual(after.rows.get(row)!.folded, before.rows.get(row)!.folded);
      const { steps, framesTx } = after.rows.get(row)!.leaf.residue() as Belief;
      assert.deepEqual([steps, framesTx], [250, 497 + row]);
    }
  });

  it("holds hostile text as text", () => {
    const after = Recording.read(linesOf(recorded()));
    assert.equal(after.steps(0)[0]!.step.reason, "</script><b>\u0000");
    assert.equal({}.constructor, Object);
  });

  const broken: readonly (readonly [string, readonly unknown[], string, string | null])[] = [
    ["nothing", [], "NOT_A_RECORDING", null],
    ["something else", ["PK\u0003\u0004"], "NOT_A_RECORDING", "line 1"],
    ["another first line", [step], "NOT_A_RECORDING", 'line 1: "row"'],
    ["another version", [{ recording: 2, payloads: false }], "VERSION", "line 1: recording: is of version 2"],
    ["a cut line", [header, row, JSON.stringify(step).slice(0, -5)], "NOT_JSON", "line 3"],
    ["a line that is a list", [header, []], "BAD_FIELD", "line 2: must be an object"],
    ["null", [header, "null"], "BAD_FIELD", "line 2: must be an object"],
    ["a missing field", [header, row, { ...step, number: undefined }], "BAD_FIELD", "line 3: number: is missing"],
    ["__proto__", [header, row, '{"__proto__":{"x":1}}'], "BAD_FIELD", 'line 3: "__proto__": is no field'],
    ["a field with markup", [header, { ...row, "<img>": 1 }], "BAD_FIELD", 'line 2: "<img>": is no field'],
    [
      "a kind that there is not",
      [header, row, { ...step, handler: "toString" }],
      "BAD_FIELD",
      "line 3: handler: must be",
    ],
    ["a text of 1 MB", [header, row, { ...step, reason: "x".repeat(2 ** 20) }], "TOO_LARGE", "line 3"],
    ["a long text", [header, row, { ...step, reason: "x".repeat(501) }], "BAD_FIELD", "line 3: reason: has 501"],
    ["hex that is none", [header, row, { ...step, hex: "0g" }], "BAD_FIELD", "line 3: hex: must be bytes"],
    ["a time that is none", [header, row, '{"row":1,"handler":"send","number":0,"atMs":1e999}'], "BAD_FIELD", "atMs"],
    ["a bad belief", [header, { ...row, belief: { row: 1 } }], "BAD_FIELD", "line 2: belief: role: is missing"],
    ["a bad change", [header, row, { ...step, changed: { rttMs: "1" } }], "BAD_FIELD", "changed: rttMs: must be"],
    ["a row twice", [header, row, row], "BAD_ORDER", "line 3: row: began before"],
    ["a step of no row", [header, step], "BAD_ORDER", "line 2: row: did not begin"],
    ["a step twice", [header, row, step, step], "BAD_ORDER", "line 4: number: does not come after 0"],
    [
      "a step after the end",
      [header, row, { row: 1, handler: "close", event: "closed", number: 0, atMs: 0 }, { ...step, number: 1 }],
      "BAD_ORDER",
      "line 4: row: has ended",
    ],
    [
      "a step of nothing",
      [header, row, { ...step, frame: undefined, direction: undefined }],
      "BAD_FIELD",
      "line 3: frame",
    ],
    ["a frame without direction", [header, row, { ...step, direction: undefined }], "BAD_FIELD", "line 3: direction"],
  ];
  for (const [name, lines, code, message] of broken) {
    it(`is refused with line and field: ${name}`, () => {
      assert.throws(
        () => read(lines),
        (error) => {
          assert.ok(error instanceof RecordingError, String(error));
          assert.equal(error.code, code, error.message);
          if (message !== null) assert.ok(error.message.includes(message), error.message);
          return error.message.length < 200;
        },
      );
    });
  }
});
