import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { inspect } from "node:util";
import { decode, inspect as describe, encode, redact } from "camp-protocol";
import { connectCampClient } from "./camp-client.js";
import { startCampServer } from "./camp-server.js";
import { type FrameTraceMessage, SessionFrameTrace, type TracedSession, traceSession } from "./diagnostics.js";

const id = 12_345_678_901n;
const session = { id, role: "client", dialect: "camp", state: "open", stats: {} } as TracedSession;
const view = { describeFrame: (bytes: Uint8Array) => describe(decode(bytes)), redactFrame: redact };
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
  const trace = new SessionFrameTrace(() => session, view);
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

test("who asks for a frame gets it without session id, token and secrets", () => {
  const secret = new Uint8Array(32).fill(7);
  const trace = new SessionFrameTrace(() => session, view);
  const heard = listen("camp:frame", () => {
    trace.frame("out", frame);
    trace.frame("out", encode({ type: "token", sid: id, ack: 1, token: "secret" }));
    trace.frame("in", encode({ type: "resume", sid: id, received: 5n, secret }));
    trace.frame("out", encode({ type: "resume_ticket", sid: id, ack: 1, windowMs: 9, secret }));
  }) as FrameTraceMessage[];
  const none = new Uint8Array(32);
  assert.deepEqual(
    heard.map((message) => decode(message.content())),
    [
      { type: "utf8data", sid: 0n, ack: 3, payload: "secret" },
      { type: "token", sid: 0n, ack: 1, token: "\0".repeat(6) },
      { type: "resume", sid: 0n, received: 5n, secret: none },
      { type: "resume_ticket", sid: 0n, ack: 1, windowMs: 9, secret: none },
    ],
  );
  assert.equal(frame[7], 0x35, "the frame itself is as it was");
});

test("a session that nobody watches makes nothing for those who might", async (t) => {
  const made = t.mock.method(SessionFrameTrace.prototype, "frame");
  const published = t.mock.method(channel("camp:session"), "publish");
  const life = async (): Promise<void> => {
    const server = await startCampServer({ validate: async () => true }, { port: 0 });
    const client = await connectCampClient(`127.0.0.1:${server.port}`, "any");
    await client.base.SendUTF8("hello");
    await client.Close("done");
    await server.Destroy();
  };
  await life();
  assert.deepEqual([made.mock.callCount(), published.mock.callCount()], [0, 0]);
  const hear = (): void => {};
  for (const name of ["camp:session", "camp:frame"]) {
    subscribe(name, hear);
    t.after(() => unsubscribe(name, hear));
  }
  await life();
  assert.ok(made.mock.callCount() > 10);
});

test("frames are not looked at when nobody listens", () => {
  assert.equal(new SessionFrameTrace(() => session, view).active, false);
});

const script = `
  const { traceSession, SessionFrameTrace } = await import(${JSON.stringify(new URL("diagnostics.js", import.meta.url))});
  const { decode, inspect, redact } = await import(${JSON.stringify(import.meta.resolve("camp-protocol"))});
  traceSession("closed", ${id}n, { code: 4000, reason: "a\\nb" });
  traceSession("refused", null, { status: 409 });
  const trace = new SessionFrameTrace(() => ({ id: ${id}n }), { describeFrame: (frame) => inspect(decode(frame)), redactFrame: redact });
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
