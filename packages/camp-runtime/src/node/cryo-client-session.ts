import type { CryoSession } from "camp-session";
import {
  assembleCryoSession,
  CryoNodeSession,
  type CryoNodeSessionConfig,
  type CryoSessionPair,
} from "./cryo-session.js";
import { clientExtensions, type Extension, type Extensions } from "./extensions.js";
import type { SessionOrigin } from "./node-session.js";

/** An extension of a client: owner and session are the same. */
export type CryoClientExtension = Extension<CryoClientSession, CryoClientSession>;

/** A client's end of a session, with extensions of its own. */
export class CryoClientSession extends CryoNodeSession {
  readonly #extensions: Extensions<CryoClientSession, CryoClientSession>;

  constructor(
    engine: CryoSession,
    origin: SessionOrigin,
    extensions: Extensions<CryoClientSession, CryoClientSession>,
  ) {
    super(engine, origin);
    this.#extensions = extensions;
  }

  /** Adds an extension for the messages that begin from now on. @throws TypeError if its name is taken */
  RegisterExtension(extension: CryoClientExtension): void {
    this.#extensions.register(extension, this);
  }

  /** Removes an extension, given itself or its name; returns whether it was there. */
  UnregisterExtension(extension: CryoClientExtension | string): boolean {
    return this.#extensions.unregister(extension, this);
  }

  GetExtension(name: string): CryoClientExtension | null {
    return this.#extensions.get(name);
  }
}

/** Makes a client's session; hooks that fail are its event `extension-error`. */
export function createCryoClientSession(
  config: Omit<CryoNodeSessionConfig<CryoClientSession>, "extensions">,
): CryoSessionPair<CryoClientSession> {
  const extensions = clientExtensions<CryoClientSession>();
  return assembleCryoSession({ ...config, extensions }, (engine) => new CryoClientSession(engine, config, extensions));
}
