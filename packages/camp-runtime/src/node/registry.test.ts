import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { endsWithItsConnection, FakeEngine } from "./fake-engine.test.js";
import { Registry } from "./registry.js";
import { VirtualClocks } from "./virtual-clocks.test.js";

function setUp(...ids: bigint[]) {
  const clocks = new VirtualClocks();
  const registry = new Registry<{ readonly id: bigint }>(clocks);
  const engines = ids.map((id) => {
    const engine = new FakeEngine();
    registry.add({ session: { id }, engine, start() {}, ...endsWithItsConnection });
    return engine;
  });
  return { clocks, registry, engines, engine: engines[0]! };
}

describe("Registry", () => {
  test("knows the sessions that run", () => {
    const { registry } = setUp(1n, 2n);
    assert.equal(registry.size, 2);
    assert.ok(registry.has(1n));
    registry.remove(1n);
    assert.ok(!registry.has(1n));
    assert.deepEqual([...registry.sessions.keys()], [2n]);
  });
});

describe("a probe for an id that somebody else asks for", () => {
  test("pings at once and ends a session that shows no life within two seconds", () => {
    const { clocks, registry, engine } = setUp(1n);
    registry.probe(1n);
    assert.equal(engine.probes, 1);
    clocks.pass(1999);
    assert.deepEqual(engine.failures, []);
    clocks.pass(1);
    assert.deepEqual(engine.failures, ["no sign of life"]);
  });

  test("lets a session live from which a byte arrives", () => {
    const { clocks, registry, engine } = setUp(1n);
    registry.probe(1n);
    engine.change({ receivedBytes: 1 });
    clocks.pass(2000);
    assert.deepEqual(engine.failures, []);
  });

  test("lets a session live whose backlog shrinks", () => {
    const { clocks, registry, engine } = setUp(1n);
    engine.change({ bufferedBytes: 1000 });
    registry.probe(1n);
    engine.change({ flushedBytes: 1, bufferedBytes: -1 });
    clocks.pass(2000);
    assert.deepEqual(engine.failures, []);
  });

  test("is made once at a time", () => {
    const { clocks, registry, engine } = setUp(1n);
    for (let i = 0; i < 10; i++) registry.probe(1n);
    assert.equal(engine.probes, 1);
    engine.change({ receivedBytes: 1 });
    clocks.pass(2000);
    registry.probe(1n);
    assert.equal(engine.probes, 2);
  });

  test("ends with its session", () => {
    const { clocks, registry, engine } = setUp(1n);
    registry.probe(1n);
    registry.remove(1n);
    assert.equal(clocks.pending, 0);
    clocks.pass(2000);
    assert.deepEqual(engine.failures, []);
  });

  test("is not made for an id that nobody has", () => {
    const { clocks, registry } = setUp();
    registry.probe(1n);
    assert.equal(clocks.pending, 0);
  });
});
