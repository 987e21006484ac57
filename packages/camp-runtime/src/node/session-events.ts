import type {
  CampSessionEvents as CommonCampEvents,
  CryoSessionEvents as CommonCryoEvents,
  Teller,
} from "camp-runtime";
import { ownedBuffer } from "./buffers.js";
import { sessionsAreTraced, type TracedSession, traceSession } from "./diagnostics.js";
import { publish } from "./emitter.js";
import type { NodeSession } from "./node-session.js";

/** What a CAMP session emits; bytes are Buffers. */
export type CampSessionEvents = CommonCampEvents<Buffer>;

/** What a Cryo session emits; bytes are Buffers. */
export type CryoSessionEvents = CommonCryoEvents<Buffer>;

/** A session of whatever dialect, as those see it who run it. */
export type AnySession = NodeSession<bigint | string, CampSessionEvents & CryoSessionEvents> & TracedSession;

/** Tells what happens to sessions by their events and by the diagnostics channels. */
export const nodeTeller: Teller<AnySession, Buffer> = {
  publish,
  owned: ownedBuffer,
  get tracing() {
    return sessionsAreTraced();
  },
  trace: (event, session, details) => traceSession(event, session.id, details, session),
};
