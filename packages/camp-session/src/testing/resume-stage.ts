import { calmNetwork, type NetworkConditions, Random, SimulatedEnd, VirtualTime } from "mock-websocket/network";
import { ScriptedPeer } from "./scripted-peer.js";
import { type Reception, SimulatedServer } from "./simulated-server.js";
import { TestEnd, type TestEndOptions } from "./test-end.js";

const host = globalThis as unknown as { setImmediate(run: () => void): void };

export interface ResumeStageOptions {
  readonly client?: TestEndOptions;
  readonly server?: TestEndOptions;
  readonly network?: Partial<NetworkConditions>;
  readonly windowMs?: number;
  readonly seed?: number;
}

/** A client that comes back and the server that keeps its sessions, both of ours. */
export class ResumeStage {
  readonly time = new VirtualTime(() => new Promise((resolve) => host.setImmediate(resolve)));
  readonly conditions: NetworkConditions;
  readonly client: TestEnd;
  readonly server: SimulatedServer;
  /** The client's end of the connection, and the server's. */
  wire!: SimulatedEnd;
  far!: SimulatedEnd;

  constructor({ client, server, network, windowMs = 120_000, seed = 1 }: ResumeStageOptions = {}) {
    const random = new Random(seed);
    const resume = { windowMs, randomBytes: (bytes: number) => random.bytes(bytes) };
    this.conditions = { ...calmNetwork, bytesPerMs: Number.POSITIVE_INFINITY, ...network };
    this.client = new TestEnd(this.time, { reconnects: true, resume, ...client });
    this.server = new SimulatedServer(this.time, () => new TestEnd(this.time, { role: "server", resume, ...server }));
  }

  /** A stage whose two ends know each other. */
  static async open(options?: ResumeStageOptions): Promise<ResumeStage> {
    const stage = new ResumeStage(options);
    stage.connect();
    await stage.pass(10);
    return stage;
  }

  /** The client connects, for the first time or again. */
  connect(): Reception {
    const [near, far] = SimulatedEnd.pair(this.time, this.conditions);
    const reception = this.server.accept(far);
    if (reception === "in use") return reception;
    this.wire = near;
    this.far = far;
    this.client.attach(near);
    return reception;
  }

  /** Somebody else connects with the same session id. */
  intrude(): { readonly peer: ScriptedPeer; readonly reception: Reception } {
    const [near, far] = SimulatedEnd.pair(this.time, this.conditions);
    return { peer: new ScriptedPeer(near), reception: this.server.accept(far) };
  }

  /** The connection breaks, and both ends hear of it. */
  async cut(): Promise<void> {
    this.wire.cut(true, true);
    await this.pass();
  }

  /** The server loses all that it knew. */
  async restart(): Promise<void> {
    this.server.end.session.destroy();
    await this.pass();
  }

  pass(ms = 5): Promise<void> {
    return this.time.advance(ms);
  }
}
