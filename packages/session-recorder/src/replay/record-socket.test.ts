import assert from "node:assert/strict";
import { test } from "node:test";
import { MockNetwork, type MockSocket, VirtualTime } from "mock-websocket";
import { Recorder, recordSocket } from "session-recorder";

function stage(payloads = false) {
  const time = new VirtualTime(() => new Promise((resolve) => setImmediate(resolve)));
  const network = new MockNetwork({ clock: time, conditions: { latencyMs: 5 } });
  const recorder = new Recorder({ now: () => time.now(), payloads });
  const record = (socket: MockSocket, role: "client" | "server") =>
    recordSocket(recorder, socket, { role, id: `${role}-0001` });
  return { time, network, recorder, record };
}

test("both ends of a mock socket are rows, with their messages and their end", async () => {
  const { time, network, recorder, record } = stage();
  network.listen("ws://chat.test/", (socket) => {
    record(socket, "server");
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") socket.send(`echo ${data}`);
    };
  });
  const socket = new network.WebSocket("ws://chat.test/");
  record(socket, "client");
  socket.onopen = () => socket.send("grüße");
  socket.onmessage = () => {
    socket.send(Uint8Array.of(1, 2, 3));
    socket.close(4000, "done");
  };
  await time.run();
  const frames = ["text payload=7B", "text payload=12B", "binary payload=3B"];
  for (const [row, role] of [
    [1, "client"],
    [2, "server"],
  ] as const) {
    const happened = recorder.steps(row).map(({ step }) => step.frame ?? step.event);
    assert.deepEqual(happened, ["attached", "connected", ...frames, "closed"]);
    assert.deepEqual([recorder.rows.get(row)!.role, recorder.rows.get(row)!.ended], [role, true]);
  }
  const { step, belief } = recorder.steps(1).at(-1)!;
  assert.deepEqual(
    [step.code, step.reason, belief.state, belief.bytesTx, belief.framesRx],
    [4000, "done", "closed", 10, 1],
  );
  assert.deepEqual(
    recorder.steps(1).map(({ step }) => step.handler),
    ["connect", "open", "send", "receive", "send", "close"],
  );
});

test("a socket that was recorded is as it was when that has ended", async () => {
  const { time, network, recorder, record } = stage(true);
  const [near, far] = network.pair();
  const { send } = near;
  const stop = record(near, "client");
  assert.notEqual(near.send, send);
  near.send("one");
  stop();
  assert.equal(near.send, send);
  near.send("two");
  far.close(1000);
  await time.run();
  const steps = recorder.steps(1).map(({ step }) => step);
  assert.deepEqual(
    steps.map(({ handler }) => handler),
    ["connect", "open", "send"],
  );
  assert.equal(steps[2]!.hex, Buffer.from("one").toString("hex"));
});

test("what a socket refuses to send is no step, and the exception is the socket's", async () => {
  const { network, recorder, record } = stage();
  const socket = new network.WebSocket("ws://nobody.test/");
  record(socket, "client");
  assert.throws(() => socket.send("early"), { name: "InvalidStateError" });
  assert.deepEqual(recorder.steps(1), []);
});
