import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { FrameTraceMessage, SessionTraceMessage, TracedSession } from "camp-runtime/node";
import type { EndRecorder, Recorder } from "session-recorder";

/**
 * Records all sessions of this process, of servers and clients, from now on: those that begin, and those that run already from
 * their next step on. It hears of them by the diagnostics channels alone, so sessions cost nothing more once it has ended.
 *
 * @returns ends it
 */
export function recordSessions(recorder: Recorder): () => void {
  const ends = new SessionRows(recorder);
  const session = (message: unknown): void => ends.session(message as SessionTraceMessage);
  const frame = (message: unknown): void => ends.frame(message as FrameTraceMessage);
  subscribe("camp:session", session);
  subscribe("camp:frame", frame);
  return () => {
    unsubscribe("camp:session", session);
    unsubscribe("camp:frame", frame);
  };
}

/** The rows of the sessions that run. */
class SessionRows {
  readonly #recorder: Recorder;
  /** Null for those that the recorder has no room for. Nobody who records keeps a session alive. */
  readonly #rows = new WeakMap<TracedSession, EndRecorder | null>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  session({ event, session, code, status, reason, error }: SessionTraceMessage): void {
    const details = { code: code ?? status, reason, error };
    if (event === "refused" || session === undefined) this.#recorder.happened(event, details);
    else this.#rowOf(session)?.event(event, details);
  }

  frame(message: FrameTraceMessage): void {
    this.#rowOf(message.session)?.frame(message);
  }

  #rowOf(session: TracedSession): EndRecorder | null {
    let row = this.#rows.get(session);
    if (row === undefined) {
      row = this.#recorder.watch(session, session.id);
      this.#rows.set(session, row);
    }
    return row;
  }
}
