import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Envelope } from "../protocol/index.js";
import type { Answer } from "./link.js";
import { MemoryStore } from "./memory-store.js";
import { Outbox } from "./outbox.js";
import { HandClock, settled } from "./support.test.js";

/** An outbox, a clock that is moved by hand, and a server that answers as `answer` says. */
function setUp() {
  const clock = new HandClock();
  const world = {
    asked: [] as string[],
    accepted: [] as string[],
    drained: 0,
    answer: (_to: string): "accepted" | "mailbox-full" | "rate-limited" => "accepted",
    timers: clock.timers,
    async pass(ms: number) {
      clock.pass(ms);
      await settled();
    },
  };
  const outbox = new Outbox(new MemoryStore(), clock, {
    async ask({ to, id }): Promise<Answer> {
      world.asked.push(to);
      await settled();
      const code = world.answer(to);
      return code === "accepted" ? { type: "accepted", id } : { type: "error", code, id };
    },
    async settled({ envelope }) {
      world.accepted.push(envelope.id);
    },
    async delayed() {},
    drained: () => world.drained++,
  });
  const put = (to: string, id = to) => {
    const envelope: Envelope = { type: "msg", id, from: "me", to, encryptedMessage: "" };
    outbox.prepare({ envelope, messageKey: null }).queued();
  };
  /** Lets everything happen that needs no time. */
  const quiet = async () => {
    for (let turn = 0; turn < 40; turn++) await settled();
  };
  return { outbox, world, put, quiet };
}

describe("an outbox", () => {
  it("goes on with those that found no room when others are refused for now", async () => {
    const { outbox, world, put, quiet } = setUp();
    world.answer = (to) => (to.startsWith("full") ? "mailbox-full" : "accepted");
    for (let index = 0; index < 20; index++) put(`full ${index}`);
    for (let index = 0; index < 20; index++) put(`free ${index}`);
    outbox.online(true);
    await quiet();
    assert.equal(world.accepted.length, 20);
    assert.equal(outbox.size, 20);
  });

  it("asks again for who was refused only when the time has come", async () => {
    const { outbox, world, put, quiet } = setUp();
    world.answer = (to) => (to === "full" ? "mailbox-full" : to === "fast" ? "rate-limited" : "accepted");
    put("full");
    put("fast");
    outbox.online(true);
    await quiet();
    put("other");
    put("full", "second");
    await quiet();
    assert.deepEqual(world.asked, ["full", "fast", "other"]);
    await world.pass(220);
    await quiet();
    assert.deepEqual(world.asked, ["full", "fast", "other", "fast"]);
    world.answer = () => "accepted";
    await world.pass(4780);
    await quiet();
    assert.deepEqual(world.accepted, ["other", "full", "fast", "second"]);
    assert.equal(world.timers.size, 0);
  });

  it("waits for nothing while it is off line, and tries everything when it is back", async () => {
    const { outbox, world, put, quiet } = setUp();
    world.answer = () => "mailbox-full";
    put("a");
    outbox.online(true);
    await quiet();
    assert.equal(world.timers.size, 1);
    outbox.online(false);
    assert.equal(world.timers.size, 0);
    world.answer = () => "accepted";
    outbox.online(true);
    await quiet();
    assert.deepEqual(world.accepted, ["a"]);
  });

  it("tells once that nothing waits any more", async () => {
    const { outbox, world, put, quiet } = setUp();
    for (const to of ["a", "b", "c"]) put(to);
    outbox.online(true);
    assert.equal(world.drained, 0);
    await quiet();
    assert.deepEqual([world.drained, outbox.size], [1, 0]);
  });
});
