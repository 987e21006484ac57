import assert from "node:assert/strict";
import { test } from "node:test";
import { Heartbeat } from "./heartbeat.js";
import { frames, ManualStage, Stage, VirtualTime, watch } from "./testing/index.js";
import { Timers } from "./timers.js";

// Who is dead: camp-v1.md section 5, rules 15.

const interval = 1000;
const server = { role: "server" as const, settings: { keepAliveIntervalMs: interval } };
const client = { role: "client" as const, settings: { keepAliveIntervalMs: interval } };
const dead = "closed 4001 the peer does not answer";

/** A heartbeat alone, in a world that a test turns by hand. */
class World {
  readonly time = new VirtualTime(() => new Promise((resolve) => setImmediate(resolve)));
  #wake: (() => void) | null = null;
  /** How late ticks come from now on. */
  lateMs = 0;
  received = 0;
  buffered = 0;
  flushed = 0;
  isPaused = false;
  readonly log: string[] = [];
  readonly timers = new Timers({
    now: () => this.time.now(),
    wakeAt: (timeMs) => {
      this.#wake?.();
      if (timeMs !== Number.POSITIVE_INFINITY)
        this.#wake = this.time.after(timeMs - this.time.now() + this.lateMs, () => this.timers.tick());
    },
  });
  readonly heartbeat: Heartbeat;

  constructor(always: boolean, phase = 0) {
    this.heartbeat = new Heartbeat(this.timers, interval, always, {
      receivedBytes: () => this.received,
      bufferedBytes: () => this.buffered,
      flushedBytes: () => this.flushed,
      paused: () => this.isPaused,
      probe: () => this.log.push(`ping ${this.time.now()}`),
      beat: () => {},
      dead: () => this.log.push(`dead ${this.time.now()}`),
    });
    this.heartbeat.start(phase);
  }
}

test("a server pings at every beat and finds a silent peer dead at the next one", async () => {
  const world = new World(true);
  await world.time.run(5000);
  assert.deepEqual(world.log, ["ping 1000", "dead 2000"]);
});

test("one byte between two beats keeps a session alive", async () => {
  const world = new World(true);
  for (let beat = 1; beat <= 5; beat++) {
    await world.time.run(beat * 1000 + 500);
    world.received++;
  }
  assert.deepEqual(
    world.log,
    [1, 2, 3, 4, 5].map((beat) => `ping ${beat * 1000}`),
  );
});

test("beats of many sessions are spread by their phase", async () => {
  const world = new World(true, 0.75);
  await world.time.run(300);
  assert.deepEqual(world.log, ["ping 250"]);
});

test("a backlog that became smaller keeps a session alive, one that stands does not", async () => {
  const world = new World(true);
  world.buffered = 500;
  for (let beat = 1; beat <= 3; beat++) {
    await world.time.run(beat * 1000 + 500);
    world.flushed += 10;
  }
  assert.equal(world.log.length, 3);
  await world.time.run(6000);
  assert.deepEqual(world.log.slice(3), ["ping 4000", "dead 5000"]);
});

test("a session that was paused since the last beat is not judged", async () => {
  const world = new World(true);
  await world.time.run(1500);
  world.isPaused = true;
  world.heartbeat.paused();
  await world.time.run(3500);
  world.isPaused = false;
  await world.time.run(4500);
  assert.deepEqual(world.log, ["ping 1000", "ping 2000", "ping 3000", "ping 4000"]);
  await world.time.run(5500);
  assert.deepEqual(world.log.slice(4), ["dead 5000"]);
});

test("a beat more than half an interval late pings and judges nobody", async () => {
  const world = new World(true);
  await world.time.run(500);
  world.lateMs = 501;
  await world.time.run(1000);
  await world.time.run(2600);
  assert.deepEqual(world.log, ["ping 1000", "ping 2501"]);
});

test("a beat exactly half an interval late still judges", async () => {
  const world = new World(true);
  await world.time.run(500);
  world.lateMs = 500;
  await world.time.run(3000);
  assert.deepEqual(world.log, ["ping 1000", "dead 2500"]);
});

test("a client pings only after an interval of silence and gives up after another", async () => {
  const world = new World(false);
  for (let beat = 1; beat <= 3; beat++) {
    world.received++;
    await world.time.run(beat * 1000);
  }
  assert.deepEqual(world.log, []);
  await world.time.run(6000);
  assert.deepEqual(world.log, ["ping 4000", "dead 5000"]);
});

test("a server's session whose peer is silent is closed with 4001", async () => {
  const stage = await Stage.open(server);
  await stage.time.run(2100);
  assert.deepEqual(stage.peer.of("ping_pong"), [frames.ping]);
  assert.equal(stage.log.at(-1), dead);
  assert.equal(stage.peer.closedWith?.code, 4001);
});

test("PONG, or anything else, keeps a session alive", async () => {
  const stage = await Stage.open(server);
  stage.peer.onFrame = (frame) => frame.type === "ping_pong" && stage.peer.send(frames.pong);
  await stage.time.run(10_500);
  assert.equal(stage.peer.of("ping_pong").length, 10);
  assert.equal(stage.session.state, "open");
});

test("bytes of a frame that has not arrived in full keep a session alive", async () => {
  const stage = new ManualStage(server);
  for (let beat = 1; beat <= 5; beat++) {
    await stage.time.run(beat * 1000 + 500);
    stage.transport.receivedBytes++;
  }
  assert.equal(stage.session.state, "open");
  await stage.time.run(8000);
  assert.equal(stage.end.log.at(-1), dead);
});

test("a running transfer to a slow peer that sends nothing is not found dead", async () => {
  const stage = new ManualStage(server);
  void stage.session.send("binary", new Uint8Array(100_000));
  for (let beat = 1; beat <= 5; beat++) {
    await stage.time.run(beat * 1000 + 500);
    stage.flush(1000);
  }
  assert.equal(stage.session.state, "open");
  await stage.time.run(8000);
  assert.equal(stage.end.log.at(-1), dead);
});

test("statistics are told at every beat with the timeouts since the last", async () => {
  const stage = await Stage.open({ role: "server", settings: { keepAliveIntervalMs: interval, ackTimeoutMs: 500 } });
  stage.peer.onFrame = (frame) => frame.type === "ping_pong" && stage.peer.send(frames.pong);
  watch(stage.session.send("utf8", "a"));
  watch(stage.session.send("utf8", "b"));
  await stage.time.run(2500);
  assert.deepEqual(stage.log, ["connected", "beat 2", "beat 0"]);
});

test("a client whose server is silent loses the connection and may come back", async () => {
  const stage = await Stage.open({ ...client, reconnects: true });
  await stage.time.run(1500);
  assert.deepEqual(stage.peer.of("ping_pong"), []);
  await stage.time.run(2500);
  assert.deepEqual(stage.peer.of("ping_pong"), [frames.ping]);
  await stage.time.run(3600);
  assert.match(stage.log.at(-1)!, /^disconnected/);
});

test("no beat is left after the end", async () => {
  const stage = await Stage.open(server);
  stage.session.destroy();
  const { length } = stage.log;
  await stage.pass(100_000);
  assert.equal(stage.log.length, length);
});

test("a half-open connection is terminated 500 ms after it was found dead", async () => {
  const stage = await Stage.open({ ...client, reconnects: true });
  stage.near.cut(false, false);
  await stage.time.run(2999);
  assert.equal(stage.session.state, "open");
  await stage.time.run(3499);
  assert.deepEqual(stage.log.slice(-1), ["beat 0"]);
  await stage.time.run(3500);
  assert.match(stage.log.at(-1)!, /^disconnected 4001/);
});

test("a probe sends a PING now and shows in the alive marks when something came back", async () => {
  const stage = await Stage.open(server);
  const before = stage.session.aliveMarks;
  stage.session.probe();
  await stage.pass();
  assert.deepEqual(stage.taken(), [frames.ping]);
  assert.equal(stage.session.aliveMarks.receivedBytes, before.receivedBytes);
  assert.ok(stage.session.aliveMarks.flushedBytes > before.flushedBytes);
  stage.peer.send(frames.pong);
  await stage.pass();
  assert.ok(stage.session.aliveMarks.receivedBytes > before.receivedBytes);
});
