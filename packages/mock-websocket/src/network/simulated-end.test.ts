import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { calmNetwork, type EndInputs, type NetworkConditions, Random, SimulatedEnd, VirtualTime } from "./index.js";

/** Both ends of a connection, and what each was told. */
class Wire {
  readonly time = new VirtualTime(() => Promise.resolve());
  readonly log: string[] = [];
  readonly near: SimulatedEnd;
  readonly far: SimulatedEnd;

  constructor(conditions: Partial<NetworkConditions> = {}) {
    [this.near, this.far] = SimulatedEnd.pair(this.time, { ...calmNetwork, ...conditions });
    this.near.drive(this.#inputs("near"));
    this.far.drive(this.#inputs("far"));
  }

  #inputs(name: string): EndInputs {
    const note = (what: string): void => {
      this.log.push(`${Math.round(this.time.now())} ${name} ${what}`);
    };
    return {
      received: (bytes) => note(`bytes ${bytes.join(",")}`),
      receivedText: (text) => note(`text ${text}`),
      writable: () => {},
      closed: (code, reason) => note(`closed ${code} ${reason}`),
    };
  }
}

describe("a simulated connection", () => {
  it("delivers text and bytes in order, then the close with its code to both ends", async () => {
    const { near, log, time } = new Wire({ latencyMs: 10 });
    near.sendText("a", 1);
    near.send(Uint8Array.of(1), Uint8Array.of(2));
    near.close(4000, "bye");
    assert.equal(near.bufferedBytes, 3);
    await time.run();
    assert.deepEqual(log, ["10 far text a", "10 far bytes 1,2", "10 far closed 4000 bye", "20 near closed 4000 bye"]);
    assert.equal(near.bufferedBytes, 0);
  });

  it("takes its time for many bytes, text or not, and holds the sender back for a reader that has paused", async () => {
    const { near, far, log, time } = new Wire({ latencyMs: 0, bytesPerMs: 10, windowBytes: 100 });
    far.pause();
    for (let index = 0; index < 5; index++) near.sendText("x", 100);
    await time.advance(1000);
    assert.deepEqual([log, near.bufferedBytes], [[], 300]);
    far.resume();
    await time.run();
    assert.deepEqual([log.length, near.bufferedBytes], [5, 0]);
  });

  it("keeps messages in order whatever their jitter, and repeats a run from its seed", async () => {
    const run = async (seed: number): Promise<string[]> => {
      const random = new Random(seed);
      const { near, log, time } = new Wire({ jitterMs: () => random.integer(0, 100) });
      for (let index = 0; index < 20; index++) time.after(index * 10, () => near.sendText(String(index), 1));
      await time.run();
      return log;
    };
    const log = await run(1);
    assert.deepEqual(
      log.map((line) => Number(line.split(" ")[3])),
      Array.from({ length: 20 }, (_, index) => index),
    );
    assert.deepEqual(await run(1), log);
    assert.notDeepEqual(await run(2), log);
  });

  it("loses what is under way when it is cut, and may leave one end without news", async () => {
    const { near, far, log, time } = new Wire();
    near.sendText("lost", 4);
    near.cut(true, false);
    far.sendText("lost as well", 4);
    await time.run();
    assert.deepEqual(log, ["1 near closed 1006 "]);
  });
});

describe("virtual time", () => {
  it("takes the place of the global timers", async () => {
    const time = new VirtualTime(() => Promise.resolve());
    const log: string[] = [];
    const called = time.setTimeout(() => log.push("called off"), 5);
    time.setTimeout(() => log.push(`at ${time.now()}`), 7);
    time.setTimeout(() => log.push("at once"));
    time.clearTimeout(called);
    time.clearTimeout(undefined);
    await time.advance(10);
    assert.deepEqual([log, time.now()], [["at once", "at 7"], 10]);
  });
});
