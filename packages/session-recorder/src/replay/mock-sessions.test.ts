import assert from "node:assert/strict";
import { test } from "node:test";
import { MockLife } from "./mock-life.test.js";

test("real sessions live over mock sockets: messages, a stream, a cut and the way back", async () => {
  const { heard, recorder, client, server } = await new MockLife().live();
  assert.deepEqual(heard, ["echo one", "echo two", "echo three"]);
  assert.deepEqual([client.state, server.state], ["closed", "closed"]);
  for (const row of [1, 2]) {
    const events = recorder.steps(row).flatMap(({ step }) => step.event ?? []);
    assert.deepEqual(events, ["attached", "connected", "disconnected", "attached", "resumed", "closed"]);
  }
});

test("the same life is recorded the same each time", async () => {
  const [one, other] = [await new MockLife().live(), await new MockLife().live()];
  assert.equal(one.recorder.tree.toString(), other.recorder.tree.toString());
});
