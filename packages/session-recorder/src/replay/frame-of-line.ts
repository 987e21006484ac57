import { CAMP_MAX_PAYLOAD, type CampFrame, type FrameTypeName, RESUME_SECRET_BYTES } from "camp-protocol";
import { LineFields } from "./line-fields.js";

const sid = 0n;

/**
 * A frame as its line tells of it, with filler for the content that the line does not have; null for a line that is of no frame.
 *
 * @throws {ReplayError} for sizes that no frame has
 */
export function frameOfLine(line: string): CampFrame | null {
  const fields = new LineFields(line, CAMP_MAX_PAYLOAD);
  const make = Object.hasOwn(makers, fields.type) ? makers[fields.type as FrameTypeName] : undefined;
  return make === undefined ? null : make(fields);
}

const makers: { readonly [Name in FrameTypeName]: (fields: LineFields) => CampFrame } = {
  endpoint_info: (f) => ({
    ...{ type: "endpoint_info", sid, ack: f.number("ack"), version: f.number("version") },
    features: f.bigint("features"),
  }),
  bye: (f) => ({ type: "bye", sid, ack: f.number("ack"), reason: f.text("reason") }),
  ack: (f) => ({ type: "ack", sid, ack: f.number("ack") }),
  error: (f) => ({ type: "error", sid, ack: f.number("ack"), payload: f.text("payload") }),
  ping_pong: (f) => ({ type: "ping_pong", sid, payload: f.has("ping") ? "ping" : "pong" }),
  utf8data: (f) => ({ type: "utf8data", sid, ack: f.number("ack"), payload: f.text("payload") }),
  binarydata: (f) => ({ type: "binarydata", sid, ack: f.number("ack"), payload: f.bytes("payload") }),
  tx_start: (f) => ({
    ...{ type: "tx_start", sid, ack: f.number("ack"), txId: f.number("txId"), size: f.bigint("size") },
    ...{ behaviour: f.has("pull") ? 1 : 0, name: f.text("name") },
  }),
  tx_chunk: (f) => ({
    ...{ type: "tx_chunk", sid, txId: f.number("txId"), offset: f.bigint("offset"), payload: f.bytes("payload") },
  }),
  tx_finish: (f) => ({ type: "tx_finish", sid, ack: f.number("ack"), txId: f.number("txId") }),
  tx_fetch: (f) => ({
    ...{ type: "tx_fetch", sid, ack: f.number("ack"), txId: f.number("txId") },
    ...{ start: f.bigint("start"), end: f.bigint("end") },
  }),
  tx_cancel: (f) => ({ type: "tx_cancel", sid, ack: f.number("ack"), txId: f.number("txId") }),
  tx_abort: (f) => ({ type: "tx_abort", sid, ack: f.number("ack"), txId: f.number("txId"), reason: f.text("reason") }),
  resume_ticket: (f) => ({
    ...{ type: "resume_ticket", sid, ack: f.number("ack"), windowMs: f.number("windowMs") },
    secret: new Uint8Array(RESUME_SECRET_BYTES),
  }),
  resume: (f) => ({ type: "resume", sid, received: f.bigint("received"), secret: new Uint8Array(RESUME_SECRET_BYTES) }),
  resumed: (f) => ({ type: "resumed", sid, received: f.bigint("received") }),
  received: (f) => ({ type: "received", sid, received: f.bigint("received") }),
  token: (f) => ({ type: "token", sid, ack: f.number("ack"), token: f.text("token") }),
  token_state: (f) => ({
    ...{ type: "token_state", sid, ack: f.number("ack"), state: f.number("state") as 0 | 1 | 2 },
    remainingMs: f.bigint("remainingMs"),
  }),
};
