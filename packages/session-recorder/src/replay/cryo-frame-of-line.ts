import { CRYO_MAX_PAYLOAD, type CryoFrame, type CryoFrameTypeName } from "cryo-protocol";
import { LineFields } from "./line-fields.js";

/** The session of every recorded frame: recordings have zeros in its place. */
export const cryoSid = "00000000-0000-0000-0000-000000000000";

/**
 * A frame of Cryo as its line tells of it, with filler for the content that the line does not have; null for a line that is of no frame.
 *
 * @throws {ReplayError} for sizes that no frame has
 */
export function cryoFrameOfLine(line: string): CryoFrame | null {
  const fields = new LineFields(line, CRYO_MAX_PAYLOAD);
  const make = Object.hasOwn(makers, fields.type) ? makers[fields.type as CryoFrameTypeName] : undefined;
  return make === undefined ? null : make(fields, { sid: cryoSid, ack: fields.number("ack") });
}

type Header = Pick<CryoFrame, "sid" | "ack">;

const makers: { readonly [Name in CryoFrameTypeName]: (fields: LineFields, header: Header) => CryoFrame } = {
  ack: (_, header) => ({ type: "ack", ...header }),
  error: (f, header) => ({ type: "error", ...header, payload: f.text("payload") }),
  ping_pong: (f, header) => ({ type: "ping_pong", ...header, payload: f.has("ping") ? "ping" : "pong" }),
  utf8data: (f, header) => ({ type: "utf8data", ...header, payload: f.text("payload") }),
  binarydata: (f, header) => ({ type: "binarydata", ...header, payload: f.bytes("payload") }),
  server_hello: (f, header) => ({ type: "server_hello", ...header, payload: f.bytes("payload") }),
  client_hello: (f, header) => ({ type: "client_hello", ...header, payload: f.bytes("payload") }),
  handshake_done: (f, header) => ({ type: "handshake_done", ...header, payload: f.bytes("payload") }),
};
