import { CAMP_MAX_REASON, cutUtf8, decode, type ResumeTicketFrame } from "camp-protocol";
import {
  CampSession,
  CryoSession,
  defaultSettings,
  type FrameTrace,
  noHooks,
  type SessionEvents,
  type SessionSettings,
} from "camp-session";
import { MockNetwork, type MockSocket, VirtualTime } from "mock-websocket";
import { Recorder } from "session-recorder";
import { cryoSid } from "./cryo-frame-of-line.js";
import type { DialectName } from "./dialect.js";
import { MockTransport } from "./mock-transport.js";
import { ReplayStreams } from "./replay-streams.js";
import { lineOf, SessionRecord } from "./session-record.js";

/** What the session of a replay is. */
export interface StageOptions {
  readonly dialect: DialectName;
  readonly role: "client" | "server";
  readonly reconnects: boolean;
  /** How long it waits for its peer after a cut; null: it ends with its connection. */
  readonly resumeWindowMs: number | null;
  readonly settings?: Partial<SessionSettings>;
  readonly payloads: boolean;
}

/** What only sessions of CAMP do. */
export interface CampStage {
  readonly session: CampSession;
  readonly streams: ReplayStreams;
}

/** Heartbeats come when the recording has them: where in the interval they lie, it does not say. */
const noBeatsMs = 1e9;
const platform = globalThis as {
  readonly setImmediate?: (run: () => void) => void;
  setTimeout(run: () => void, ms: number): void;
};

/** A real session on one end of a mock socket, in virtual time, recorded; the other end is moved by hand. */
export class Stage {
  readonly time = new VirtualTime(turn);
  readonly recorder: Recorder;
  readonly session: CampSession | CryoSession;
  /** Null for sessions of another dialect. */
  readonly camp: CampStage | null;
  /** What was asked of the session and has not settled yet. */
  readonly unsettled = new Set<{ readonly what: string }>();
  readonly #network = new MockNetwork({
    clock: this.time,
    // Every step comes at its time. What the session says is never held back: the peer reads when the connection ends.
    conditions: { latencyMs: 0, windowBytes: Number.POSITIVE_INFINITY },
  });
  readonly record: SessionRecord;
  #peer: MockSocket | null = null;
  /** What the session, being a server's, gave its client to come back with. */
  #secret: Uint8Array | null = null;
  #seed = 0;

  constructor(options: StageOptions) {
    const { dialect, role, payloads } = options;
    this.recorder = new Recorder({ now: () => this.time.now(), payloads });
    this.record = new SessionRecord(this.recorder, dialect);
    if (dialect === "camp") {
      const session = this.#campSession(options);
      this.camp = { session, streams: new ReplayStreams(session) };
      this.session = session;
    } else {
      this.camp = null;
      this.session = this.#cryoSession(options);
    }
    this.record.watch(this.session, role);
  }

  /** Lets everything happen that is due by now. */
  settle(): Promise<void> {
    return this.time.advance(0);
  }

  /** A fresh connection. */
  connect(): void {
    const transport = this.#pair();
    this.session.attach(transport);
    transport.drive(this.session);
  }

  /** The client comes back to this session, which is a server's. */
  comeBack(received: bigint): void {
    if (this.camp === null) return;
    const { session } = this.camp;
    const transport = this.#pair();
    const secret = this.#secret ?? new Uint8Array(32);
    const verdict = session.returned(transport, { type: "resume", sid: 0n, received, secret });
    if (verdict === "resumed") transport.drive(session);
    else transport.terminate();
  }

  /** A frame of the peer. */
  receive(frame: Uint8Array): void {
    if (this.#peer?.readyState !== 1) return;
    this.camp?.streams.expect(frame);
    this.#peer.send(frame as Uint8Array<ArrayBuffer>);
  }

  /** The connection ends: with a close frame of the peer, or with nothing but 1006. */
  lose(code: number, reason: string): void {
    if (code === 1006) this.#peer?.terminate();
    else if (code === 1005) this.#peer?.close();
    else this.#peer?.close(code, cutUtf8(reason, CAMP_MAX_REASON));
  }

  /** The peer reads what lies there, a close frame at the end of it, and answers that. */
  answerClose(): void {
    this.#peer?.resume();
  }

  /** Asks something of the session, whose promise must settle. */
  ask(what: string, asking: Promise<unknown>): void {
    const open = { what };
    this.unsettled.add(open);
    const settled = (): void => {
      this.unsettled.delete(open);
    };
    asking.then(settled, settled);
  }

  #campSession(options: StageOptions): CampSession {
    const { role, resumeWindowMs } = options;
    const resume = { windowMs: resumeWindowMs ?? 0, randomBytes: (bytes: number) => this.#bytes(bytes) };
    return new CampSession({
      ...{ id: 0n, ...this.#parts(options), events: this.record.events },
      trace: role === "server" ? this.#listening() : this.record.trace,
      ...(resumeWindowMs === null ? {} : { resume }),
    });
  }

  /** It tells in a turn of its own that it is connected; when that was among what else happened, the recording says. */
  #cryoSession(options: StageOptions): CryoSession {
    const events: SessionEvents = { ...this.record.events, connected: () => {} };
    return new CryoSession({ id: cryoSid, cale: null, ...this.#parts(options), events, trace: this.record.trace });
  }

  #parts({ role, reconnects, settings }: StageOptions) {
    return {
      ...{ role, reconnects, hooks: noHooks, phase: 0, clock: this.time.clock(() => this.session.tick()) },
      settings: { ...defaultSettings, keepAliveIntervalMs: noBeatsMs, ...settings },
    };
  }

  #pair(): MockTransport {
    const [near, far] = this.#network.pair();
    far.pause();
    this.#peer = far;
    return new MockTransport(near);
  }

  /** A server's session gives its client a secret, which the peer of a replay has to show. */
  #listening(): FrameTrace {
    return {
      active: true,
      frame: (direction, bytes) => {
        this.record.trace.frame(direction, bytes);
        if (direction === "out") this.#overhear(bytes);
      },
    };
  }

  #overhear(bytes: Uint8Array): void {
    if (!lineOf(bytes, "camp").startsWith("resume_ticket")) return;
    this.#secret = (decode(bytes) as ResumeTicketFrame).secret.slice();
  }

  /** Bytes that are the same in every run. */
  #bytes(bytes: number): Uint8Array {
    return Uint8Array.from({ length: bytes }, () => (this.#seed = (this.#seed * 31 + 7) % 251));
  }
}

/** Everything that promises still have to do. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (platform.setImmediate === undefined) platform.setTimeout(resolve, 0);
    else platform.setImmediate(resolve);
  });
}
