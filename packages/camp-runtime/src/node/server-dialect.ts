import type { BufferBudget, SessionSettings } from "camp-session";
import type { ClockSource, NodeSessionConfig, SessionPair } from "./assemble.js";
import type { AdmittedUpgrade, Running, SessionId } from "./dialect.js";
import type { HookSource } from "./extensions.js";
import type { Phases } from "./phases.js";
import { WsTransport } from "./ws-transport.js";

/** What the sessions of a server share, whatever their dialect. */
export interface SharedBySessions<Session> {
  readonly settings: SessionSettings;
  readonly extensions: HookSource<Session>;
  readonly deadlines: ClockSource;
  readonly budget: BufferBudget;
  readonly phases: Phases;
}

/** Makes a session of an upgrade that was admitted; `create` knows the dialect. */
export function accept<Session, Id extends SessionId>(
  { id, webSocket, socket, remoteAddress, info, onClosed }: AdmittedUpgrade<Id>,
  { settings, extensions, deadlines, budget, phases }: SharedBySessions<Session>,
  create: (config: NodeSessionConfig<Session, Id>) => SessionPair<Session>,
): Running<Session> {
  const { session, engine } = create({
    ...{ settings, extensions, deadlines, budget, id, remoteAddress, info, onClosed },
    role: "server",
    type: "client",
    reconnects: false,
    phase: phases.next(),
  });
  const transport = new WsTransport(webSocket, socket, "server");
  transport.drive(engine);
  engine.attach(transport);
  return { session, engine, start: () => transport.start() };
}
