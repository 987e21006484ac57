import type { EndSignal } from "camp-runtime";
import type { CampSession } from "camp-session";
import type { NodeSessionConfig } from "./assemble.js";
import { assembleCampSession, CampNodeSession, type CampSessionPair } from "./camp-session.js";
import { clientExtensions, type Extension, type Extensions } from "./extensions.js";
import type { SessionOrigin } from "./node-session.js";

/** An extension of a client: owner and session are the same. */
export type CampClientExtension = Extension<CampClientSession, CampClientSession>;

/** A client's end of a session, with extensions of its own. */
export class CampClientSession extends CampNodeSession {
  readonly #extensions: Extensions<CampClientSession, CampClientSession>;

  constructor(
    engine: CampSession,
    end: EndSignal,
    origin: SessionOrigin,
    extensions: Extensions<CampClientSession, CampClientSession>,
  ) {
    super(engine, end, origin);
    this.#extensions = extensions;
  }

  /** Adds an extension for the messages that begin from now on. @throws TypeError if its name is taken */
  RegisterExtension(extension: CampClientExtension): void {
    this.#extensions.register(extension, this);
  }

  /** Removes an extension, given itself or its name; returns whether it was there. */
  UnregisterExtension(extension: CampClientExtension | string): boolean {
    return this.#extensions.unregister(extension, this);
  }

  GetExtension(name: string): CampClientExtension | null {
    return this.#extensions.get(name);
  }
}

/** Makes a client's session; hooks that fail are its event `extension-error`. */
export function createCampClientSession(
  config: Omit<NodeSessionConfig<CampClientSession, bigint>, "extensions">,
): CampSessionPair<CampClientSession> {
  const extensions = clientExtensions<CampClientSession>();
  return assembleCampSession(
    { ...config, extensions },
    (engine, end) => new CampClientSession(engine, end, config, extensions),
  );
}
