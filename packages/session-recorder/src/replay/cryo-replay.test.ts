import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { CryoSession, defaultSettings, noHooks, type SessionEvents } from "camp-session";
import { MockNetwork, VirtualTime } from "mock-websocket";
import { compareRows, linesOf, type Recorded, type RecordedStep, Recorder, Recording } from "session-recorder";
import { fork, MockTransport, play, type Replay, ReplayError, SessionRecord, scriptOf } from "./index.js";

const id = "01234567-89ab-4cde-8f01-23456789abcd";
/** Longer than any deadline of a session. */
const restMs = 200_000;

/** A client of Cryo and a server that echoes, in the clear, over mock sockets, both recorded. Each connection has a server's end of its own. */
class CryoLife {
  readonly time = new VirtualTime(() => new Promise((resolve) => setImmediate(resolve)));
  readonly network = new MockNetwork({ clock: this.time, conditions: { latencyMs: 5 } });
  readonly recorder = new Recorder({ now: () => this.time.now(), payloads: true });
  readonly client = this.#session("client", () => {});

  constructor() {
    this.network.listen("ws://cryo.test/", (socket) => {
      const server: CryoSession = this.#session("server", (text) => {
        server.send("utf8", `echo ${text}`).catch(() => undefined);
      });
      const transport = new MockTransport(socket);
      server.attach(transport);
      transport.drive(server);
    });
  }

  /** Messages of every kind, a ping, a cut with some under way and some waiting, the way back, and a graceful end. */
  async live(): Promise<Recorder> {
    this.#connect();
    await this.time.advance(50);
    await this.#settled(this.client.send("utf8", "grüße"));
    await this.#settled(this.client.send("binary", new Uint8Array(1000)));
    await this.#settled(this.client.send("error", "oh"));
    await this.#settled(this.client.ping());
    const lost = [this.client.send("utf8", "under way")];
    this.network.cut();
    lost.push(this.client.send("utf8", "waiting"));
    await this.time.advance(500);
    this.#connect();
    await this.#settled(Promise.all(lost));
    void this.client.send("utf8", "last");
    await this.#settled(this.client.close("done"));
    await this.time.advance(1000);
    return this.recorder;
  }

  #connect(): void {
    const socket = new this.network.WebSocket("ws://cryo.test/");
    socket.onopen = () => {
      const transport = new MockTransport(socket);
      this.client.attach(transport);
      transport.drive(this.client);
    };
  }

  async #settled<T>(promise: Promise<T>): Promise<T> {
    await this.time.advance(100);
    return promise;
  }

  #session(role: "client" | "server", onText: (text: string) => void): CryoSession {
    const record = new SessionRecord(this.recorder, "cryo");
    const events: SessionEvents = { ...record.events, message: (_, payload) => onText(String(payload)) };
    const session: CryoSession = new CryoSession({
      ...{ id, role, cale: null, reconnects: role === "client", hooks: noHooks, phase: 0, settings: defaultSettings },
      ...{ clock: this.time.clock(() => session.tick()), events, trace: record.trace },
    });
    record.watch(session, role);
    return session;
  }
}

function stepsOf({ recorded }: Replay): RecordedStep[] {
  return recorded.steps(1);
}

describe("a replay of Cryo", () => {
  let recorded: Recorded;
  /** The same without payloads. */
  let bare: Recorded;
  const rows = { 1: "the client", 2: "the first server's end", 3: "the second server's end" } as const;

  before(async () => {
    recorded = Recording.read(linesOf(await new CryoLife().live()));
    const lines = [...linesOf(recorded)].map((line) => JSON.stringify({ ...JSON.parse(line), hex: undefined }));
    bare = Recording.read(['{"recording":1,"payloads":false}', ...lines.slice(1)]);
    assert.deepEqual([...recorded.rows.keys()], [0, 1, 2, 3]);
  });

  for (const row of [1, 2, 3] as const) {
    it(`of ${rows[row]} goes as it was recorded, step by step, with payloads and without`, async () => {
      for (const recording of [recorded, bare]) {
        const replay = await play(await scriptOf(recording, row));
        assert.equal(compareRows(recording.steps(row), stepsOf(replay))?.text, undefined);
        assert.equal(stepsOf(replay).length, recording.steps(row).length);
        assert.deepEqual([replay.state, replay.unsettled], ["closed", []]);
        const hex = stepsOf(replay).some(({ step }) => step.hex !== undefined);
        assert.equal(hex, recording === recorded);
      }
    });

    it(`of ${rows[row]} forks at every step with a cut: one end, nothing held, every promise settled`, async () => {
      const script = await scriptOf(bare, row);
      for (let at = 1; at <= script.actions.at(-1)!.step; at++) {
        const replay = await play(fork(script, { at, kind: "cut" }), { restMs });
        const steps = stepsOf(replay);
        assert.equal(steps.filter(({ step }) => step.event === "closed").length, 1, `fork at ${at}`);
        const { unackedFrames, queuedFrames } = steps.at(-1)!.belief;
        assert.deepEqual([unackedFrames, queuedFrames, replay.unsettled], [0, 0, []], `fork at ${at}`);
      }
    });
  }

  it("has what its application said last, before it closed", async () => {
    const replay = await play(await scriptOf(recorded, 1));
    const end = stepsOf(replay).at(-1)!.step;
    assert.deepEqual([end.event, end.code, end.reason], ["closed", 4000, "done"]);
    const beliefs = stepsOf(replay).map(({ belief }) => belief.state);
    assert.ok(beliefs.includes("closing"), "it waited for acknowledgements");
  });

  it("forks with a changed frame, which the session refuses", async () => {
    const at = recorded.steps(2).findIndex(({ step }) => step.handler === "receive");
    const script = await scriptOf(recorded, 2);
    const replay = await play(fork(script, { at, kind: "change", change: (frame) => frame.subarray(0, 9) }));
    assert.match(stepsOf(replay)[at]!.step.frame!, /^not a frame: frame of 9 bytes is shorter than 21/);
    assert.ok(stepsOf(replay).some(({ step }) => step.direction === "out" && step.frame?.startsWith("error ")));
  });

  it("takes frames of CAMP in a row of Cryo for no frames", async () => {
    const lines = [...linesOf(bare)].map((line) => line.replace("utf8data ack=0 payload=7B", "tx_fetch ack=0 txId=1"));
    const replay = await play(await scriptOf(Recording.read(lines), 2), { restMs });
    assert.match(compareRows(recorded.steps(2), stepsOf(replay))!.text, /not a frame: frame type 255 is unknown/);
  });

  it("is refused where CALE encrypts, for either end", async () => {
    const hello = { direction: "out", frame: "client_hello ack=0 payload=65B", bytes: 86, handler: "challenge" };
    for (const step of [{ event: "secure", handler: "open" }, hello]) {
      const lines = [...linesOf(bare)];
      const last = lines.findLastIndex((line) => line.startsWith('{"row":3,') && !line.includes('"event":"closed"'));
      const { row, number, atMs } = JSON.parse(lines[last]!);
      lines[last] = JSON.stringify({ row, number, atMs, ...step });
      await assert.rejects(scriptOf(Recording.read(lines), 3), (error: Error) => {
        assert.ok(error instanceof ReplayError);
        return /CALE encrypts cannot be replayed: recordings have no keys$/.test(error.message);
      });
    }
  });
});
