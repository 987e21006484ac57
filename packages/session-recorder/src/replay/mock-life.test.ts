import { CampSession, defaultSettings, noHooks, ResumeClaim, type SessionEvents } from "camp-session";
import { MockNetwork, type MockSocket, Random, VirtualTime } from "mock-websocket";
import { Recorder } from "session-recorder";
import { MockTransport, SessionRecord } from "./index.js";

/** A real client and a real server over mock sockets, both recorded. Shared by the tests of this folder; contains none itself. */
export class MockLife {
  readonly time = new VirtualTime(() => new Promise((resolve) => setImmediate(resolve)));
  readonly network = new MockNetwork({ clock: this.time, conditions: { latencyMs: 5 } });
  readonly recorder = new Recorder({ now: () => this.time.now(), payloads: true });
  readonly client: CampSession;
  readonly server: CampSession;
  readonly heard: string[] = [];
  readonly #random = new Random(7);

  constructor() {
    this.client = this.#session("client", (text) => this.heard.push(text));
    this.server = this.#session("server", (text) => void this.server.send("utf8", `echo ${text}`));
    this.network.listen("ws://camp.test/", (socket) => this.#accept(socket));
  }

  connect(): void {
    const socket = new this.network.WebSocket("ws://camp.test/");
    socket.onopen = () => {
      const transport = new MockTransport(socket);
      this.client.attach(transport);
      transport.drive(this.client);
    };
  }

  /** Messages, a stream, a cut in the middle of both, the way back, and a graceful end. */
  async live(): Promise<this> {
    this.connect();
    await this.time.advance(50);
    await this.#settled(this.client.send("utf8", "one"));
    const size = 300_000n;
    const view = (bytes: number) => new Uint8Array(bytes).fill(1);
    const stream = this.client.stream(
      {
        ...{ kind: "random", size, close: () => {} },
        ...{ readAt: (targets) => targets.reduce((sum, target) => sum + target.fill(1).byteLength, 0) },
        viewAt: (_, bytes) => view(bytes),
      },
      { name: "log", behaviour: "push" },
    );
    void this.client.send("utf8", "two");
    await this.time.advance(4);
    this.network.cut();
    void this.client.send("utf8", "three");
    await this.time.advance(500);
    this.connect();
    await this.#settled(stream);
    await this.#settled(this.client.close("done"));
    await this.time.advance(1000);
    return this;
  }

  async #settled<T>(promise: Promise<T>): Promise<T> {
    await this.time.advance(100);
    return promise;
  }

  #accept(socket: MockSocket): void {
    const transport = new MockTransport(socket);
    if (this.server.state !== "disconnected") {
      this.server.attach(transport);
      transport.drive(this.server);
      return;
    }
    const claim = new ResumeClaim({
      ...{ session: this.server, transport, clock: this.time.clock(() => claim.tick()), handshakeTimeoutMs: 5000 },
      resumed: () => transport.drive(this.server),
      ended: () => undefined,
    });
    transport.drive(claim);
  }

  #session(role: "client" | "server", onText: (text: string) => void): CampSession {
    const record = new SessionRecord(this.recorder);
    const events: SessionEvents = {
      ...record.events,
      message: (_, payload) => onText(String(payload)),
      streamWaiting: (name) => void this.#read(session, name),
    };
    const session: CampSession = new CampSession({
      ...{ id: 4711n, role, reconnects: role === "client", hooks: noHooks, phase: 0, settings: defaultSettings },
      ...{ clock: this.time.clock(() => session.tick()), events, trace: record.trace },
      resume: { windowMs: 60_000, randomBytes: (bytes) => this.#random.bytes(bytes) },
    });
    record.watch(session, role);
    return session;
  }

  async #read(session: CampSession, name: string): Promise<void> {
    const stream = await session.waitForStream(name);
    stream.onChange = () => {
      while (stream.take() !== null) {
        // read
      }
    };
    stream.onChange();
  }
}
