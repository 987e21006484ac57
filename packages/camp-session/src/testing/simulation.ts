import type { Hook, Hooks } from "../hooks.js";
import { defaultSettings, KIB, MIB, type SessionSettings } from "../limits.js";
import { type NetworkConditions, SimulatedEnd } from "./network.js";
import { Random } from "./random.js";
import { SimulatedMessages } from "./simulated-messages.js";
import { SimulatedStreams } from "./simulated-streams.js";
import { TestEnd } from "./test-end.js";
import { type Settle, VirtualTime } from "./virtual-time.js";

/** What one run came to. A run without faults kept every invariant. */
export interface SimulationReport {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly messages: number;
  readonly streams: number;
  readonly connections: number;
  readonly simulatedMs: number;
}

/** No run takes longer than this in simulated time; one that would has a deadline that never ends. */
const patienceMs = 30 * 60_000;

/**
 * A client and the servers it meets, living through traffic, slow readers, stuttering sources, hooks, cuts and half-open
 * connections, all of it from one seed. Checked: every promise settles, messages keep their order and arrive once per
 * connection, nothing is lost without a reported reason, streams are whole or fail, memory stays bounded, `closed` fires once,
 * and no deadline outlives its session.
 */
export async function simulate(seed: number, settle: Settle): Promise<SimulationReport> {
  const run = new Simulation(seed, settle);
  return run.live();
}

class Simulation {
  readonly #seed: number;
  readonly #random: Random;
  readonly #time: VirtualTime;
  readonly #faults: string[] = [];
  readonly #settings: Partial<SessionSettings>;
  readonly #reconnects: boolean;
  readonly #hooks: boolean;
  readonly #streamControl: boolean;
  readonly #pausable: boolean;
  readonly #up: SimulatedMessages;
  readonly #down: SimulatedMessages;
  readonly #upStreams: SimulatedStreams;
  readonly #downStreams: SimulatedStreams;
  readonly #client: TestEnd;
  readonly #servers: TestEnd[] = [];
  readonly #open = new Set<{ readonly what: string }>();
  #wire: SimulatedEnd | null = null;

  constructor(seed: number, settle: Settle) {
    const fail = (fault: string): void => {
      this.#faults.push(fault);
    };
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#time = new VirtualTime(settle);
    this.#settings = this.#drawSettings();
    this.#reconnects = this.#random.chance(0.7);
    this.#hooks = this.#random.chance(0.3);
    this.#streamControl = this.#random.chance(0.7);
    this.#pausable = this.#random.chance(0.8);
    this.#up = new SimulatedMessages("up", this.#random, fail);
    this.#down = new SimulatedMessages("down", this.#random, fail);
    const bounded = (): boolean => this.#streamControl || this.#pausable;
    this.#upStreams = new SimulatedStreams("up", this.#time, this.#random, fail, bounded);
    this.#downStreams = new SimulatedStreams("down", this.#time, this.#random, fail, bounded);
    this.#client = this.#end("client");
    this.#down.listen(this.#client, 0);
    this.#client.onDisconnected = () => this.#comeBack();
  }

  async live(): Promise<SimulationReport> {
    this.#connect();
    const actions = this.#random.integer(5, 60);
    for (let index = 0; index < actions; index++) this.#time.after(this.#random.integer(0, 4000), () => this.#act());
    this.#time.after(this.#random.integer(3000, 6000), () => this.#finish());
    await this.#time.run(patienceMs);
    this.#check();
    return {
      seed: this.#seed,
      faults: this.#faults,
      messages: this.#up.count + this.#down.count,
      streams: this.#upStreams.count + this.#downStreams.count,
      connections: this.#servers.length,
      simulatedMs: this.#time.lastEventMs,
    };
  }

  get #server(): TestEnd {
    return this.#servers.at(-1)!;
  }

  #drawSettings(): Partial<SessionSettings> {
    const random = this.#random;
    const highWaterMark = random.pick([64 * KIB, MIB, 16 * MIB]);
    return {
      keepAliveIntervalMs: random.pick([700, 3000, 15_000]),
      ackTimeoutMs: random.pick([800, 10_000]),
      hookTimeoutMs: random.pick([50, 10_000]),
      closeTimeoutMs: random.pick([100, 3000]),
      streamStallTimeoutMs: random.pick([300, 10_000]),
      backpressure: {
        ...defaultSettings.backpressure,
        highWaterMark,
        lowWaterMark: Math.min(MIB, highWaterMark / 4),
        maxQueuedBytes: random.pick([70 * KIB, 8 * MIB]),
        maxQueueCount: random.pick([3, 1024]),
        dropPolicy: random.pick(["drop-oldest", "drop-newest", "dedupe-latest"]),
      },
    };
  }

  #drawNetwork(): NetworkConditions {
    const random = this.#random;
    return {
      latencyMs: random.pick([0, 1, 20, 150]),
      bytesPerMs: random.pick([30, 1000, 100_000]),
      windowBytes: random.pick([16 * KIB, 256 * KIB]),
      pausable: this.#pausable,
      ...(this.#streamControl ? {} : { tamper: withoutStreamControl }),
    };
  }

  #end(role: "client" | "server"): TestEnd {
    return new TestEnd(this.#time, {
      role,
      settings: this.#settings,
      hooks: this.#hooks ? this.#drawHooks() : { sending: () => [], receiving: () => [] },
      reconnects: role === "client" && this.#reconnects,
    });
  }

  /** Hooks that dawdle, throw and, on the way out, suppress. */
  #drawHooks(): Hooks {
    const random = this.#random;
    const hook = (suppresses: boolean): Hook => ({
      extension: "simulated",
      run: async () => {
        if (random.chance(0.3)) await this.#time.sleep(random.integer(0, 100));
        if (random.chance(0.1)) throw new Error("hook");
        return !(suppresses && random.chance(0.2));
      },
    });
    const sending = random.chance(0.6) ? [hook(true)] : [];
    const receiving = random.chance(0.6) ? [hook(false)] : [];
    return { sending: () => sending, receiving: (kind) => (kind === "binary" ? [] : receiving) };
  }

  #connect(): void {
    const [near, far] = SimulatedEnd.pair(this.#time, this.#drawNetwork());
    const server = this.#end("server");
    this.#servers.push(server);
    this.#up.listen(server, this.#servers.length);
    this.#wire = near;
    server.attach(far);
    this.#client.attach(near);
  }

  #comeBack(): void {
    this.#time.after(this.#random.integer(10, 1500), () => {
      if (this.#client.session.state !== "disconnected") return;
      if (this.#random.chance(0.1)) this.#client.session.abandon(1006, "gave up");
      else this.#connect();
    });
  }

  #act(): void {
    const random = this.#random;
    const kind = random.integer(0, 99);
    if (kind < 35) this.#burst(() => this.#up.send(this.#client));
    else if (kind < 70) this.#burst(() => this.#down.send(this.#server));
    else if (kind < 79) this.#upStreams.start(this.#client, this.#server);
    else if (kind < 88) this.#downStreams.start(this.#server, this.#client);
    else if (kind < 91) this.#track("a ping", this.#client.session.ping());
    else if (kind < 93) this.#track("drained", this.#server.session.drained());
    else if (kind < 98) this.#wire?.cut(random.chance(0.7), random.chance(0.7));
    else this.#wire?.terminate();
    this.#checkMemory();
  }

  /** A promise that must settle, whichever way. */
  #track(what: string, promise: Promise<unknown>): void {
    const open = { what };
    this.#open.add(open);
    const settled = (): void => {
      this.#open.delete(open);
    };
    promise.then(settled, settled);
  }

  #burst(send: () => void): void {
    const count = this.#random.pick([1, 1, 3, 30]);
    for (let index = 0; index < count; index++) send();
  }

  #finish(): void {
    const random = this.#random;
    const first = random.pick([this.#client, this.#server]);
    if (random.chance(0.8)) void first.session.close("done");
    else first.session.destroy();
    // Whoever was not told (a half-open connection, a client that waits to come back) is ended after a while.
    this.#time.after(5 * 60_000, () => {
      for (const end of [this.#client, ...this.#servers]) if (end.closes === 0) void end.session.close("late");
    });
  }

  #checkMemory(): void {
    const { maxQueuedBytes, highWaterMark } = this.#settings.backpressure!;
    for (const end of [this.#client, this.#server]) {
      const { queuedBytes } = end.session.stats;
      const { bufferedBytes } = end.session.aliveMarks;
      if (queuedBytes > maxQueuedBytes) this.#faults.push(`${queuedBytes} bytes wait in a queue of ${maxQueuedBytes}`);
      if (bufferedBytes > highWaterMark + 2 * MIB) this.#faults.push(`${bufferedBytes} bytes lie in the socket`);
    }
    this.#upStreams.checkMemory();
    this.#downStreams.checkMemory();
  }

  #check(): void {
    if (this.#time.busy) this.#faults.push("a deadline outlived its session");
    for (const { what } of this.#open) this.#faults.push(`${what}: its promise never settled`);
    for (const part of [this.#up, this.#down, this.#upStreams, this.#downStreams]) part.check();
    for (const [index, end] of [this.#client, ...this.#servers].entries()) {
      const name = index === 0 ? "the client" : `server ${index}`;
      if (end.closes !== 1) this.#faults.push(`${name} was closed ${end.closes} times (${end.session.state})`);
      if (end.session.stats.unackedFrames + end.session.stats.queuedFrames > 0)
        this.#faults.push(`${name} still holds frames`);
      if (end.log.at(-1)?.startsWith("closed") === false) this.#faults.push(`${name} said something after closed`);
    }
  }
}

/** Clears bit 32 of the features in an ENDPOINT_INFO on its way: each end takes the other for a plain CAMP v1 peer. */
function withoutStreamControl(bytes: Uint8Array): Uint8Array {
  if (bytes[8] === 255) bytes[20] = bytes[20]! & 0xfe;
  return bytes;
}
