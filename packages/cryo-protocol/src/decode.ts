import { readInt32, readU32, readUtf8, readUtf8Lenient, viewFrom } from "camp-protocol/bytes";
import { CryoProtocolError, malformed, tooLarge } from "./errors.js";
import { type CryoErrorFrame, type CryoFrame, CryoFrameType, type CryoUtf8DataFrame } from "./frame.js";
import { ACK_AT, PAYLOAD_AT, PING, PING_PONG_BYTES, PONG, TYPE_AT } from "./layout.js";
import { CALE_PUBLIC_KEY_BYTES, CRYO_HEADER_BYTES, CRYO_MAX_PAYLOAD } from "./limits.js";
import { readCryoSid, type SidWords, sidText, sidWords } from "./sid.js";

/** What a session expects of every frame. Made once per session by `expectCryoFrames`, so that no frame makes a text. */
export interface CryoFrameExpectation {
  /** In lower case. */
  readonly sid: string;
  /** The sid in the form that the decoder compares. */
  readonly words: SidWords;
}

/**
 * What a session expects of every frame: its own sid.
 *
 * @throws RangeError if the sid is no UUID in its usual text form.
 */
export function expectCryoFrames(sid: string): CryoFrameExpectation {
  const words = sidWords(sid);
  return { sid: readCryoSid(sid)!, words };
}

/**
 * Decodes one frame, a whole WebSocket message or what a record held. Binary payloads are views into `bytes`.
 *
 * Checked in this order: 21 bytes at least, the sid if one is expected, the type, the layout.
 *
 * @throws CryoProtocolError, and nothing else, whatever the bytes are.
 */
export function decode(bytes: Uint8Array, expected?: CryoFrameExpectation): CryoFrame {
  if (bytes.length < CRYO_HEADER_BYTES) {
    throw malformed(`frame of ${bytes.length} bytes is shorter than ${CRYO_HEADER_BYTES}`);
  }
  const sid = expected === undefined ? sidText(bytes) : expectedSid(bytes, expected);
  const ack = readU32(bytes, ACK_AT);
  const type = bytes[TYPE_AT]!;
  switch (type) {
    case CryoFrameType.utf8data:
      return decodeText(bytes, { type: "utf8data", sid, ack, payload: "" });
    case CryoFrameType.binarydata:
      return { type: "binarydata", sid, ack, payload: decodePayload(bytes) };
    case CryoFrameType.ack:
      requireBytes("ack", bytes, CRYO_HEADER_BYTES);
      return { type: "ack", sid, ack };
    case CryoFrameType.ping_pong:
      return { type: "ping_pong", sid, ack, payload: decodePingPong(bytes) };
    case CryoFrameType.error:
      return decodeText(bytes, { type: "error", sid, ack, payload: "" });
    case CryoFrameType.server_hello:
      return { type: "server_hello", sid, ack, payload: decodeKey(bytes) };
    case CryoFrameType.client_hello:
      return { type: "client_hello", sid, ack, payload: decodeKey(bytes) };
    case CryoFrameType.handshake_done:
      return { type: "handshake_done", sid, ack, payload: decodePayload(bytes) };
    default:
      throw new CryoProtocolError("UNKNOWN_TYPE", `frame type ${type} is unknown`, type);
  }
}

function expectedSid(bytes: Uint8Array, { sid, words }: CryoFrameExpectation): string {
  const equal =
    readInt32(bytes, 0) === words[0] &&
    readInt32(bytes, 4) === words[1] &&
    readInt32(bytes, 8) === words[2] &&
    readInt32(bytes, 12) === words[3];
  if (!equal) throw new CryoProtocolError("FOREIGN_SID", "sid is not that of this session");
  return sid;
}

/** The frame with its text, repaired where it is not valid UTF-8 (rule 13). */
function decodeText<F extends CryoErrorFrame | CryoUtf8DataFrame>(bytes: Uint8Array, frame: F): F {
  requirePayload(bytes);
  const payload = readUtf8(bytes, PAYLOAD_AT);
  if (payload !== undefined) return { ...frame, payload };
  return { ...frame, payload: readUtf8Lenient(bytes, PAYLOAD_AT).text, replaced: true };
}

function decodePayload(bytes: Uint8Array): Uint8Array {
  requirePayload(bytes);
  return viewFrom(bytes, PAYLOAD_AT);
}

function decodePingPong(bytes: Uint8Array): "ping" | "pong" {
  requireBytes("ping_pong", bytes, PING_PONG_BYTES);
  const word = readInt32(bytes, PAYLOAD_AT);
  if (word !== PING && word !== PONG) throw malformed("ping_pong is neither ping nor pong");
  return word === PING ? "ping" : "pong";
}

function decodeKey(bytes: Uint8Array): Uint8Array {
  requireBytes("hello", bytes, PAYLOAD_AT + CALE_PUBLIC_KEY_BYTES);
  return viewFrom(bytes, PAYLOAD_AT);
}

function requireBytes(name: string, bytes: Uint8Array, layoutBytes: number): void {
  if (bytes.length !== layoutBytes) throw malformed(`${name} of ${bytes.length} bytes instead of ${layoutBytes}`);
}

function requirePayload(bytes: Uint8Array): void {
  const payloadBytes = bytes.length - PAYLOAD_AT;
  if (payloadBytes > CRYO_MAX_PAYLOAD) throw tooLarge("payload", payloadBytes, CRYO_MAX_PAYLOAD);
}
