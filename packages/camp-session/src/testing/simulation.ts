import { Random, type Settle, VirtualTime } from "mock-websocket/network";
import type { Hook, Hooks } from "../hooks.js";
import { defaultSettings, KIB, MIB, type SessionSettings } from "../limits.js";
import type { ResumeConfig } from "../resumption.js";
import { SimulatedMessages } from "./simulated-messages.js";
import { SimulatedServer } from "./simulated-server.js";
import { SimulatedStreams } from "./simulated-streams.js";
import { SimulatedWires } from "./simulated-wires.js";
import { TestEnd } from "./test-end.js";

/** What one run came to. A run without faults kept every invariant. */
export interface SimulationReport {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly messages: number;
  readonly streams: number;
  readonly connections: number;
  /** Connections with which a session went on where it was cut. */
  readonly resumes: number;
  readonly simulatedMs: number;
}

/** No run takes longer than this in simulated time; one that would has a deadline that never ends. */
const patienceMs = 30 * 60_000;

/**
 * A client and the servers it meets, living through traffic, slow readers, stuttering sources, hooks, cuts, half-open
 * connections, restarts, strangers and clocks that jump, all of it from one seed. Checked: every promise settles, messages keep
 * their order and arrive once per connection, with sessions that resume once in all, nothing is lost without a reported reason,
 * streams are whole or fail, and do not notice a resumed connection, memory stays bounded, `closed` fires once, and no deadline
 * outlives its session.
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
  readonly #server: SimulatedServer;
  readonly #resume: ResumeConfig | null;
  readonly #wires: SimulatedWires;
  readonly #open = new Set<{ readonly what: string }>();
  #connections = 0;

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
    this.#resume = this.#reconnects && this.#random.chance(0.7) ? this.#drawResume() : null;
    this.#wires = new SimulatedWires(this.#time, this.#random, this.#streamControl, this.#pausable);
    this.#up = new SimulatedMessages("up", this.#random, fail, this.#resumes);
    this.#down = new SimulatedMessages("down", this.#random, fail, this.#resumes);
    const bounded = (): boolean => this.#streamControl || this.#pausable;
    this.#upStreams = new SimulatedStreams("up", this.#time, this.#random, fail, bounded);
    this.#downStreams = new SimulatedStreams("down", this.#time, this.#random, fail, bounded);
    this.#client = this.#end("client");
    this.#server = new SimulatedServer(this.#time, () => this.#newServer());
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
      connections: this.#connections,
      resumes: this.#client.resumes,
      simulatedMs: this.#time.lastEventMs,
    };
  }

  get #serverEnd(): TestEnd {
    return this.#server.end;
  }

  /** Whether both ends agree on resuming; it needs stream control. */
  get #resumes(): boolean {
    return this.#resume !== null && this.#streamControl;
  }

  #drawResume(): ResumeConfig {
    return {
      windowMs: this.#random.pick([400, 3000, 120_000, 120_000]),
      randomBytes: (bytes) => this.#random.bytes(bytes),
    };
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

  #end(role: "client" | "server"): TestEnd {
    return new TestEnd(this.#time, {
      role,
      settings: this.#settings,
      hooks: this.#hooks ? this.#drawHooks() : { sending: () => [], receiving: () => [] },
      reconnects: role === "client" && this.#reconnects,
      ...(this.#resume === null ? {} : { resume: this.#resume }),
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

  #newServer(): TestEnd {
    const end = this.#end("server");
    this.#up.listen(end, this.#server.ends.length + 1);
    return end;
  }

  #connect(): void {
    const [near, far] = this.#wires.pair();
    if (this.#server.accept(far) === "in use") {
      this.#probe(this.#serverEnd);
      this.#comeBack();
      return;
    }
    this.#connections++;
    this.#client.attach(near);
    if (this.#random.chance(0.1)) this.#wires.rival(this.#server);
  }

  /** The server looks whether a session lives whose id somebody else asks for (rules 2); this one does not. */
  #probe({ session }: TestEnd): void {
    this.#time.after(2000, () => session.cutOff("no sign of life"));
  }

  #comeBack(): void {
    this.#time.after(this.#random.integer(10, 1500), () => {
      if (this.#client.session.state !== "disconnected") return;
      if (this.#random.chance(0.05)) this.#client.session.abandon(1006, "gave up");
      else this.#connect();
    });
    if (this.#random.chance(0.2)) this.#wires.rival(this.#server);
  }

  #act(): void {
    const random = this.#random;
    const kind = random.integer(0, 99);
    if (kind < 35) this.#burst(() => this.#up.send(this.#client));
    else if (kind < 70) this.#burst(() => this.#down.send(this.#serverEnd));
    else if (kind < 79) this.#upStreams.start(this.#client, this.#serverEnd);
    else if (kind < 88) this.#downStreams.start(this.#serverEnd, this.#client);
    else if (kind < 91) this.#track("a ping", this.#client.session.ping());
    else if (kind < 93) this.#track("drained", this.#serverEnd.session.drained());
    else if (kind < 97) this.#wires.cut();
    else if (kind < 98) this.#restart();
    else if (kind < 99) random.pick([this.#client, this.#serverEnd]).clock.jump(random.pick([300, 20_000, 300_000]));
    else this.#wires.terminate();
    this.#checkMemory();
  }

  /** The server goes, with or without a word. */
  #restart(): void {
    const { session } = this.#serverEnd;
    if (this.#random.chance(0.5)) void session.close("restart", 1001);
    else session.destroy();
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
    const first = random.pick([this.#client, this.#serverEnd]);
    if (random.chance(0.8)) void first.session.close("done");
    else first.session.destroy();
    // Whoever was not told (a half-open connection, a client that waits to come back) is ended after a while.
    this.#time.after(5 * 60_000, () => {
      for (const end of [this.#client, ...this.#server.ends]) if (end.closes === 0) void end.session.close("late");
    });
  }

  #checkMemory(): void {
    const { maxQueuedBytes, highWaterMark } = this.#settings.backpressure!;
    for (const end of [this.#client, this.#serverEnd]) {
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
    const disconnects = this.#client.log.filter((event) => event.startsWith("disconnected")).length;
    if (this.#resumes && this.#client.resumes === disconnects) {
      this.#upStreams.checkUncut();
      this.#downStreams.checkUncut();
    }
    for (const part of [this.#up, this.#down, this.#upStreams, this.#downStreams]) part.check();
    for (const [index, end] of [this.#client, ...this.#server.ends].entries()) {
      const name = index === 0 ? "the client" : `server ${index}`;
      if (end.closes !== 1) this.#faults.push(`${name} was closed ${end.closes} times (${end.session.state})`);
      if (end.session.stats.unackedFrames + end.session.stats.queuedFrames > 0)
        this.#faults.push(`${name} still holds frames`);
      if (end.log.at(-1)?.startsWith("closed") === false) this.#faults.push(`${name} said something after closed`);
    }
  }
}
