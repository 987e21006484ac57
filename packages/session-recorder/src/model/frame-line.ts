import type { StepKind } from "./step.js";

const kinds: Readonly<Record<string, StepKind>> = {
  endpoint_info: "challenge",
  resume_ticket: "challenge",
  resume: "challenge",
  resumed: "challenge",
  server_hello: "challenge",
  client_hello: "challenge",
  handshake_done: "challenge",
  ack: "ack",
  received: "ack",
  ping_pong: "ping",
  token: "token",
  token_state: "token",
  bye: "close",
};

/** Messages of the application: those of sessions, and those of a WebSocket without one. */
const messages: ReadonlySet<string> = new Set(["utf8data", "binarydata", "text", "binary"]);

/** The kind of step that a frame is, by its line. */
export function kindOf(line: string, direction: "in" | "out"): StepKind {
  const [type = ""] = line.split(" ", 1);
  if (messages.has(type)) return direction === "in" ? "receive" : "send";
  if (type.startsWith("tx_")) return "stream";
  return Object.hasOwn(kinds, type) ? kinds[type]! : "error";
}

/**
 * The fields of a frame that its line tells of: `type`, then numbers under their names, sizes as `"5 B"`, and words such as
 * `ping` as true. None of them is content.
 */
export function fieldsOf(line: string): Readonly<Record<string, number | string | true>> {
  const [type = "", ...parts] = line.split(" ");
  return Object.fromEntries([["type", type], ...parts.map(fieldOf)]);
}

function fieldOf(part: string): readonly [string, number | string | true] {
  const at = part.indexOf("=");
  if (at < 0) return [part, true];
  const [name, value] = [part.slice(0, at), part.slice(at + 1)];
  if (/^\d+B$/.test(value)) return [name, `${value.slice(0, -1)} B`];
  const number = Number(value);
  return [name, /^-?\d+$/.test(value) && Number.isSafeInteger(number) ? number : value];
}
