import { type Extension as CommonExtension, Extensions as CommonExtensions, type HookFailed } from "camp-runtime";
import { asBuffer } from "./buffers.js";
import { publish } from "./emitter.js";
import type { AnySession } from "./session-events.js";

/** An extension whose hooks see a Buffer where a message has bytes. */
export type Extension<Session, Owner> = CommonExtension<Session, Owner, Buffer>;

/** The extensions of one owner on Node. */
export class Extensions<Session, Owner> extends CommonExtensions<Session, Owner, Buffer> {
  constructor(hookFailed: HookFailed<Session>) {
    super(hookFailed, asBuffer);
  }
}

/** The extensions of one client: a hook that fails is an event of its session. */
export function clientExtensions<Session extends AnySession>(): Extensions<Session, Session> {
  return new Extensions((extension, error, session) => publish(session, "extension-error", extension, error));
}
