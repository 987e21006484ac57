import type { MessengerServerOptions } from "messenger/server";
import type { Inspector } from "session-inspector";

type Hear = NonNullable<MessengerServerOptions["record"]>;
type Change = Parameters<Hear>[1];
type Row = ReturnType<Inspector["recorder"]["watch"]>;

/** Shows what the messenger's server tells of itself in an inspector: beside the row of each session one of who registered on it. */
export function showIn({ recorder }: Inspector): Hear {
  const rows = new Map<string, { readonly end: { state: string }; readonly row: Row }>();
  const begin = (name: string) => {
    const end = { role: "server" as const, dialect: "messenger", state: "opening", stats: {} };
    return { end, row: recorder.watch(end, name.replace("connection ", "")) };
  };
  return (name, change) => {
    const shown = rows.get(name) ?? begin(name);
    rows.set(name, shown);
    if (change.state !== undefined) shown.end.state = String(change.state);
    // Null where the recorder has no room for more.
    if (shown.row !== null) tell(shown.row, change);
    if (change.state === "closed") rows.delete(name);
  };
}

function tell(row: NonNullable<Row>, change: Change): void {
  const frame = (direction: "in" | "out", description: string) =>
    row.frame({ direction, description, bytes: 0, content: () => new Uint8Array() });
  const { code, reason } = change as { readonly code?: number; readonly reason?: string };
  if (change.state === "challenged") row.event("attached");
  else if (change.state === "registered") row.event("connected", { reason: `registered ${short(change.identity)}` });
  else if (change.state === "closed") row.event("closed", { code, reason });
  else if ("accepted" in change) frame("in", `text accepted=${change.type} to=${short(change.to)}`);
  else if ("delivered" in change) frame("out", `text delivered=${change.type} from=${short(change.from)}`);
  else if ("acknowledged" in change) frame("in", `ack from=${short(change.from)}`);
  else frame("out", `refused code=${change.refused}`);
}

/** The end of a fingerprint, as of a session's id. */
function short(fingerprint: unknown): string {
  return `…${String(fingerprint).slice(-6)}`;
}
