import type { ServerMessage } from "../protocol/index.js";

/** What changes for a connection with what the server says on it; null for what changes nothing. */
export function changeOf(message: ServerMessage): Readonly<Record<string, unknown>> | null {
  switch (message.type) {
    case "challenge":
      return { state: "challenged" };
    case "registered":
      return { state: "registered", identity: message.publicKeySig, queued: message.queued };
    case "error":
      return { refused: message.code };
    case "msg":
    case "accept":
    case "welcome":
      return { delivered: message.id, type: message.type, from: message.from };
    default:
      // What it says of an envelope that it accepted it says once it is on disk, also a second time.
      return null;
  }
}
