import { utf8Length } from "camp-protocol/bytes";
import { type CryoFrame, unreachable } from "./frame.js";

/**
 * One line about a frame for logs: type, number and size. Nothing of a payload or key, and no sid: a log that somebody
 * reads must not open a session.
 */
export function inspect(frame: CryoFrame): string {
  switch (frame.type) {
    case "ack":
      return `ack ack=${frame.ack}`;
    case "ping_pong":
      return `ping_pong ack=${frame.ack} ${frame.payload === "ping" ? "ping" : "pong"}`;
    case "error":
    case "utf8data":
      return `${frame.type} ack=${frame.ack} payload=${utf8Length(frame.payload)}B${frame.replaced ? " replaced" : ""}`;
    case "binarydata":
    case "server_hello":
    case "client_hello":
    case "handshake_done":
      return `${frame.type} ack=${frame.ack} payload=${frame.payload.length}B`;
    default:
      return unreachable(frame);
  }
}
