import assert from "node:assert/strict";
import { test } from "node:test";
import { isFinalClose } from "./close-codes.js";
import { frames, Stage, watch } from "./testing/index.js";

// Which ends are final for a session that reconnects: rules 3.

async function refuse(stage: Stage, code: number): Promise<void> {
  stage.peer.close(code, "no");
  await stage.pass();
}

test("codes that end a session are final, all others are retried", () => {
  const final = [4000, 4010, 4011, 4100, 4500, 4999, 1002, 1003, 1007, 1008, 1009];
  const transient = [1001, 1005, 1006, 1011, 1012, 1013, 4001, 4002];
  assert.deepEqual(final.filter(isFinalClose), final);
  assert.deepEqual(transient.filter(isFinalClose), []);
});

for (const code of [4000, 4010, 4123, 1008]) {
  test(`a close with ${code} ends a session that reconnects`, async () => {
    const stage = await Stage.open({ reconnects: true });
    await refuse(stage, code);
    assert.deepEqual(stage.log, ["connected", `closed ${code} no`]);
  });
}

test("a BYE ends a session that reconnects", async () => {
  const stage = await Stage.open({ reconnects: true });
  stage.peer.send(frames.bye(1, "go away"));
  await stage.pass();
  assert.deepEqual(stage.log, ["connected", "closed 4000 go away"]);
});

test("the BYE of a deployed server's dead heartbeat counts as 1006", async () => {
  const stage = await Stage.open({ reconnects: true });
  const reason = "Disconnecting session due to not responding to pings";
  const sent = watch(stage.session.send("utf8", "survives"));
  stage.peer.send(frames.bye(1, reason));
  await stage.pass();
  assert.deepEqual(stage.peer.of("ack").at(-1), frames.ack(1));
  assert.equal(stage.peer.closedWith?.code, 4000);
  assert.deepEqual(stage.log, ["connected", `disconnected 1006 ${reason}`]);
  await stage.introduce();
  assert.equal(sent.state, "pending");
  assert.deepEqual(stage.peer.of("utf8data"), [frames.utf8(1, "survives")]);
});
