import type { CampSession, CryoSession, FrameTrace, SessionEvents } from "camp-session";
import type { EndEvent, EndRecorder, Recorder } from "session-recorder";
import { type DialectName, dialects } from "./dialect.js";

/**
 * Records a `CampSession` or `CryoSession` that is put together by hand: give it these `events` and `trace`, then name it with `watch`.
 */
export class SessionRecord {
  readonly #recorder: Recorder;
  readonly #dialect: DialectName;
  #row: EndRecorder | null = null;

  constructor(recorder: Recorder, dialect: DialectName = "camp") {
    this.#recorder = recorder;
    this.#dialect = dialect;
  }

  /** For the session's `trace`. */
  readonly trace: FrameTrace = {
    active: true,
    frame: (direction, bytes) => {
      const { redact } = dialects[this.#dialect];
      const description = lineOf(bytes, this.#dialect);
      this.#row?.frame({ direction, bytes: bytes.byteLength, description, content: () => redact(bytes) });
    },
  };

  /** For the session's `events`, or for those that handle them to be passed on to. */
  readonly events: SessionEvents = {
    attached: () => this.#row?.event("attached"),
    connected: () => this.#row?.event("connected"),
    secure: () => this.#row?.event("secure"),
    disconnected: (code, reason) => this.#row?.event("disconnected", { code, reason }),
    reconnected: (resumed) => this.#row?.event(resumed ? "resumed" : "reconnected"),
    dropped: (reason) => this.#row?.event("dropped", { reason }),
    hookFailed: (_, error) => this.#row?.event("extension-error", { error }),
    error: (error) => this.#row?.event("error", { error }),
    closed: (code, reason) => this.#row?.event("closed", { code, reason }),
    ...{ message: () => {}, beat: () => {}, drain: () => {}, streamUnclaimed: () => {} },
  };

  /** Begins the row. */
  watch(session: CampSession | CryoSession, role: "client" | "server"): void {
    const end = {
      ...{ role, dialect: this.#dialect },
      get state() {
        return session.state;
      },
      get stats() {
        return session.stats;
      },
    };
    this.#row = this.#recorder.watch(end, session.id);
  }

  /** Something that no session tells of itself, such as that it was admitted. */
  note(event: EndEvent): void {
    this.#row?.event(event);
  }
}

/** A frame in one line, without any content. */
export function lineOf(bytes: Uint8Array, dialect: DialectName): string {
  try {
    return dialects[dialect].inspect(bytes);
  } catch (error) {
    return `not a frame: ${error instanceof Error ? error.message : String(error)}`;
  }
}
