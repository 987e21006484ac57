import { type CampFrame, unreachable } from "./frame.js";
import { utf8Length } from "./utf8.js";

/**
 * One line about a frame for logs: type, numbers and sizes. Nothing of a payload, name, reason or secret, and no sid: a
 * log that somebody reads must not open a session.
 */
export function inspect(frame: CampFrame): string {
  switch (frame.type) {
    case "endpoint_info":
      return `endpoint_info ack=${frame.ack} version=${frame.version} features=0x${frame.features.toString(16)}`;
    case "bye":
      return `bye ack=${frame.ack} reason=${utf8Length(frame.reason)}B${replaced(frame)}`;
    case "ack":
      return `ack ack=${frame.ack}`;
    case "error":
      return `error ack=${frame.ack} payload=${utf8Length(frame.payload)}B${replaced(frame)}`;
    case "ping_pong":
      return `ping_pong ${frame.payload === "ping" ? "ping" : "pong"}`;
    case "utf8data":
      return `utf8data ack=${frame.ack} payload=${utf8Length(frame.payload)}B`;
    case "binarydata":
      return `binarydata ack=${frame.ack} payload=${frame.payload.length}B`;
    case "tx_start": {
      const behaviour = frame.behaviour === 0 ? "push" : "pull";
      return `tx_start ack=${frame.ack} txId=${frame.txId} size=${frame.size} ${behaviour} name=${utf8Length(frame.name)}B`;
    }
    case "tx_chunk":
      return `tx_chunk txId=${frame.txId} offset=${frame.offset} payload=${frame.payload.length}B`;
    case "tx_finish":
    case "tx_cancel":
      return `${frame.type} ack=${frame.ack} txId=${frame.txId}`;
    case "tx_fetch":
      return `tx_fetch ack=${frame.ack} txId=${frame.txId} start=${frame.start} end=${frame.end}`;
    case "tx_abort":
      return `tx_abort ack=${frame.ack} txId=${frame.txId} reason=${utf8Length(frame.reason)}B`;
    case "resume_ticket":
      return `resume_ticket ack=${frame.ack} windowMs=${frame.windowMs} secret=${frame.secret.length}B`;
    case "resume":
      return `resume received=${frame.received} secret=${frame.secret.length}B`;
    case "resumed":
    case "received":
      return `${frame.type} received=${frame.received}`;
    case "token":
      return `token ack=${frame.ack} token=${utf8Length(frame.token)}B`;
    case "token_state":
      return `token_state ack=${frame.ack} state=${frame.state} remainingMs=${frame.remainingMs}`;
    default:
      return unreachable(frame);
  }
}

function replaced(frame: { readonly replaced?: true }): string {
  return frame.replaced ? " replaced" : "";
}
