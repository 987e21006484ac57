import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { inspect } from "node:util";
import { decode, inspect as describe, encode } from "camp-protocol";
import { type FrameTraceMessage, SessionFrameTrace, traceSession } from "./diagnostics.js";

const id = 12_345_678_901n;
const describeFrame = (bytes: Uint8Array) => describe(decode(bytes));
const frame = encode({ type: "utf8data", sid: id, ack: 3, payload: "secret" });

/** What a channel tells while `run` runs. */
function listen(channel: string, run: () => void): unknown[] {
  const heard: unknown[] = [];
  const hear = (message: unknown) => heard.push(message);
  subscribe(channel, hear);
  try {
    run();
  } finally {
    unsubscribe(channel, hear);
  }
  return heard;
}

test("camp:session tells what happens to sessions", () => {
  const error = new Error("fault");
  const heard = listen("camp:session", () => {
    traceSession("refused", null, { status: 401 });
    traceSession("connected", id);
    traceSession("error", id, { error });
  });
  assert.deepEqual(heard, [
    { event: "refused", id: null, status: 401 },
    { event: "connected", id },
    { event: "error", id, error },
  ]);
});

test("camp:frame tells what passes, in one line without any content", () => {
  const trace = new SessionFrameTrace(id, describeFrame);
  const heard = listen("camp:frame", () => {
    assert.ok(trace.active);
    trace.frame("in", frame);
    trace.frame("out", new Uint8Array([1]));
  }) as FrameTraceMessage[];
  assert.equal(heard[0]?.direction, "in");
  assert.equal(heard[0]?.id, id);
  assert.equal(heard[0]?.bytes, frame.byteLength);
  assert.equal(heard[0]?.description, "utf8data ack=3 payload=6B");
  assert.match(heard[1]?.description ?? "", /^not a frame: /);
  assert.doesNotMatch(inspect(heard, { showHidden: true, depth: 10 }), /secret/);
});

test("frames are not looked at when nobody listens", () => {
  assert.equal(new SessionFrameTrace(id, describeFrame).active, false);
});

const script = `
  const { traceSession, SessionFrameTrace } = await import(${JSON.stringify(new URL("diagnostics.js", import.meta.url))});
  const { decode, inspect } = await import(${JSON.stringify(import.meta.resolve("camp-protocol"))});
  traceSession("closed", ${id}n, { code: 4000, reason: "a\\nb" });
  traceSession("refused", null, { status: 409 });
  const trace = new SessionFrameTrace(${id}n, (frame) => inspect(decode(frame)));
  if (trace.active) trace.frame("out", new Uint8Array(${JSON.stringify([...frame])}));
`;

/** What a process with these variables prints, process ids left out. */
function printed(variables: Record<string, string>): string {
  const { NODE_DEBUG: _, DEBUG: __, ...rest } = process.env;
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...rest, ...variables },
    encoding: "utf8",
  });
  assert.equal(child.stdout, "");
  assert.equal(child.status, 0, child.stderr);
  return child.stderr.replaceAll(/^(\S+) \d+/gm, "$1");
}

const sessionLines = 'camp:session …8901 closed 4000 "a\\nb"\ncamp:session - refused 409\n';
const frameLine = "camp:frame …8901 out utf8data ack=3 payload=6B\n";

for (const [variables, expected] of [
  [{}, ""],
  [{ DEBUG: "camp:*" }, sessionLines + frameLine],
  [{ DEBUG: "other, camp:session" }, sessionLines],
  [{ DEBUG: "* -camp:session" }, frameLine],
  [{ DEBUG: "campXframe" }, ""],
  [{ NODE_DEBUG: "camp" }, sessionLines + frameLine],
  [{ NODE_DEBUG: "camp:frame" }, frameLine],
] as const) {
  test(`with ${JSON.stringify(variables)} in the environment stderr has what was asked for`, () => {
    assert.equal(printed(variables), expected);
  });
}
