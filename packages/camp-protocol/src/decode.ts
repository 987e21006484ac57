import { CampProtocolError, malformed, tooLarge } from "./errors.js";
import type {
  BinaryDataFrame,
  ByeFrame,
  CampFrame,
  EndpointInfoFrame,
  ErrorFrame,
  PingPongFrame,
  ResumeFrame,
  ResumeTicketFrame,
  TokenFrame,
  TokenStateFrame,
  TxAbortFrame,
  TxChunkFrame,
  TxFetchFrame,
  TxStartFrame,
  Utf8DataFrame,
} from "./frame.js";
import { FrameType, TokenState } from "./frame.js";
import { highInt32, lowInt32, readInt32, readU32, readU64 } from "./integers.js";
import * as at from "./layout.js";
import {
  CAMP_MAX_NAME,
  CAMP_MAX_PAYLOAD,
  CAMP_MAX_REASON,
  CAMP_MAX_TOKEN,
  CAMP_VERSION,
  CHUNK_HEADER_BYTES,
  SID_MAX,
} from "./limits.js";
import { readUtf8, readUtf8Lenient, viewFrom } from "./utf8.js";

/** What a session expects of every frame. Made once per session by `expectFrames`, so that no frame makes a bigint. */
export interface FrameExpectation {
  readonly sid: bigint;
  /** The upper and lower half of the sid as signed 32-bit integers: the form that the decoder compares. */
  readonly sidHigh: number;
  readonly sidLow: number;
  /** Whether type 16, TX_ABORT, is known. Set it to true once both ends announced `Feature.streamControl`. */
  streamControl: boolean;
  /** Whether the types 17 to 20 are known. Set it to true once both ends announced `Feature.resume`. */
  resume: boolean;
  /** Whether the types 21 and 22 are known. Set it to true once both ends announced `Feature.tokens`. */
  tokens: boolean;
}

/**
 * What a session expects of every frame: its own sid, and the types of our extensions only when they are negotiated.
 *
 * @throws RangeError if the sid is no unsigned 64-bit integer.
 */
export function expectFrames(
  sid: bigint,
  {
    streamControl = false,
    resume = false,
    tokens = false,
  }: Partial<Pick<FrameExpectation, "streamControl" | "resume" | "tokens">> = {},
): FrameExpectation {
  if (sid < 0n || sid > SID_MAX) throw new RangeError(`sid ${sid} is outside 0 … ${SID_MAX}`);
  return { sid, sidHigh: highInt32(sid), sidLow: lowInt32(sid), streamControl, resume, tokens };
}

/**
 * Decodes one frame, a whole WebSocket message. Binary payloads are views into `bytes`.
 *
 * Checked in this order: nine bytes at least, the sid if one is expected, the type, the layout. Without an
 * expectation any sid is taken and the types of our extensions are decoded.
 *
 * @throws CampProtocolError, and nothing else, whatever the bytes are.
 */
export function decode(bytes: Uint8Array, expected?: FrameExpectation): CampFrame {
  if (bytes.length < at.PREFIX_BYTES) throw tooShort("frame", bytes, at.PREFIX_BYTES);
  const sid = expected === undefined ? readU64(bytes, 0) : expectedSid(bytes, expected);
  const type = bytes[at.TYPE_AT]!;
  switch (type) {
    case FrameType.utf8data:
      return decodeUtf8Data(bytes, sid);
    case FrameType.binarydata:
      return decodeBinaryData(bytes, sid);
    case FrameType.ack:
      requireBytes("ack", bytes, at.ACK_BYTES);
      return { type: "ack", sid, ack: readU32(bytes, at.ACK_AT) };
    case FrameType.tx_chunk:
      return decodeTxChunk(bytes, sid);
    case FrameType.ping_pong:
      return decodePingPong(bytes, sid);
    case FrameType.endpoint_info:
      return decodeEndpointInfo(bytes, sid);
    case FrameType.bye:
      return decodeBye(bytes, sid);
    case FrameType.error:
      return decodeError(bytes, sid);
    case FrameType.tx_start:
      return decodeTxStart(bytes, sid);
    case FrameType.tx_finish:
      requireBytes("tx_finish", bytes, at.TX_ID_BYTES);
      return { type: "tx_finish", sid, ack: readU32(bytes, at.ACK_AT), txId: readU32(bytes, at.TX_ID_AT) };
    case FrameType.tx_fetch:
      return decodeTxFetch(bytes, sid);
    case FrameType.tx_cancel:
      requireBytes("tx_cancel", bytes, at.TX_ID_BYTES);
      return { type: "tx_cancel", sid, ack: readU32(bytes, at.ACK_AT), txId: readU32(bytes, at.TX_ID_AT) };
    case FrameType.tx_abort:
      if (expected !== undefined && !expected.streamControl) throw unknownType(type);
      return decodeTxAbort(bytes, sid);
    case FrameType.token:
    case FrameType.token_state:
      if (expected !== undefined && !expected.tokens) throw unknownType(type);
      return type === FrameType.token ? decodeToken(bytes, sid) : decodeTokenState(bytes, sid);
    default:
      if (expected !== undefined && !expected.resume) throw unknownType(type);
      return decodeResumption(bytes, sid, type);
  }
}

/** The frames of sessions that outlive their connection: rare, and so apart from those of every day. */
function decodeResumption(bytes: Uint8Array, sid: bigint, type: number): CampFrame {
  switch (type) {
    case FrameType.resume_ticket:
      return decodeResumeTicket(bytes, sid);
    case FrameType.resume:
      return decodeResume(bytes, sid);
    case FrameType.resumed:
      return { type: "resumed", sid, received: readCount("resumed", bytes) };
    case FrameType.received:
      return { type: "received", sid, received: readCount("received", bytes) };
    default:
      throw unknownType(type);
  }
}

function expectedSid(bytes: Uint8Array, expected: FrameExpectation): bigint {
  if (readInt32(bytes, 0) !== expected.sidHigh || readInt32(bytes, 4) !== expected.sidLow) {
    throw new CampProtocolError("FOREIGN_SID", "sid is not that of this session");
  }
  return expected.sid;
}

function decodeUtf8Data(bytes: Uint8Array, sid: bigint): Utf8DataFrame {
  requireHeader("utf8data", bytes, at.BODY_AT);
  requireAtMost("payload", bytes.length - at.BODY_AT, CAMP_MAX_PAYLOAD);
  const payload = readUtf8(bytes, at.BODY_AT);
  if (payload === undefined) throw malformed("payload is not valid UTF-8");
  return { type: "utf8data", sid, ack: readU32(bytes, at.ACK_AT), payload };
}

function decodeBinaryData(bytes: Uint8Array, sid: bigint): BinaryDataFrame {
  requireHeader("binarydata", bytes, at.BODY_AT);
  requireAtMost("payload", bytes.length - at.BODY_AT, CAMP_MAX_PAYLOAD);
  return { type: "binarydata", sid, ack: readU32(bytes, at.ACK_AT), payload: viewFrom(bytes, at.BODY_AT) };
}

function decodeTxChunk(bytes: Uint8Array, sid: bigint): TxChunkFrame {
  requireHeader("tx_chunk", bytes, CHUNK_HEADER_BYTES);
  const payloadBytes = bytes.length - CHUNK_HEADER_BYTES;
  requireAtMost("payload", payloadBytes, CAMP_MAX_PAYLOAD);
  const offset = readU64(bytes, at.CHUNK_OFFSET_AT);
  // Only the last 4 GiB of the range come near its end, so no other chunk pays for a sum of bigints.
  if (readInt32(bytes, at.CHUNK_OFFSET_AT) === -1 && offset + BigInt(payloadBytes) > SID_MAX) {
    throw malformed(`chunk at offset ${offset} with ${payloadBytes} bytes ends beyond ${SID_MAX}`);
  }
  const txId = readU32(bytes, at.CHUNK_TX_ID_AT);
  return { type: "tx_chunk", sid, txId, offset, payload: viewFrom(bytes, CHUNK_HEADER_BYTES) };
}

function decodePingPong(bytes: Uint8Array, sid: bigint): PingPongFrame {
  requireBytes("ping_pong", bytes, at.PING_PONG_BYTES);
  const word = readInt32(bytes, at.ACK_AT);
  if (word !== at.PING && word !== at.PONG) throw malformed("ping_pong is neither ping nor pong");
  return { type: "ping_pong", sid, payload: word === at.PING ? "ping" : "pong" };
}

function decodeEndpointInfo(bytes: Uint8Array, sid: bigint): EndpointInfoFrame {
  requireHeader("endpoint_info", bytes, at.ENDPOINT_INFO_FEATURES_AT);
  const ack = readU32(bytes, at.ACK_AT);
  const version = readU32(bytes, at.ENDPOINT_INFO_VERSION_AT);
  // Another version may have another layout: the session refuses it by its number, not by its length (rule 12).
  if (version === CAMP_VERSION) requireBytes("endpoint_info", bytes, at.ENDPOINT_INFO_BYTES);
  const features = bytes.length < at.ENDPOINT_INFO_BYTES ? 0n : readU64(bytes, at.ENDPOINT_INFO_FEATURES_AT);
  return { type: "endpoint_info", sid, ack, version, features };
}

function decodeBye(bytes: Uint8Array, sid: bigint): ByeFrame {
  requireHeader("bye", bytes, at.BODY_AT);
  requireAtMost("reason", bytes.length - at.BODY_AT, CAMP_MAX_PAYLOAD);
  const { text, replaced } = readUtf8Lenient(bytes, at.BODY_AT);
  const frame: ByeFrame = { type: "bye", sid, ack: readU32(bytes, at.ACK_AT), reason: text };
  return replaced ? { ...frame, replaced } : frame;
}

function decodeError(bytes: Uint8Array, sid: bigint): ErrorFrame {
  requireHeader("error", bytes, at.BODY_AT);
  requireAtMost("payload", bytes.length - at.BODY_AT, CAMP_MAX_PAYLOAD);
  const { text, replaced } = readUtf8Lenient(bytes, at.BODY_AT);
  const frame: ErrorFrame = { type: "error", sid, ack: readU32(bytes, at.ACK_AT), payload: text };
  return replaced ? { ...frame, replaced } : frame;
}

function decodeTxStart(bytes: Uint8Array, sid: bigint): TxStartFrame {
  requireHeader("tx_start", bytes, at.TX_START_HEADER_BYTES);
  const size = BigInt.asIntN(64, readU64(bytes, at.TX_START_SIZE_AT));
  if (size < -1n) throw malformed(`size ${size} is below -1`);
  const behaviour = bytes[at.TX_START_BEHAVIOUR_AT]!;
  if (behaviour !== 0 && behaviour !== 1) throw malformed(`behaviour ${behaviour} is neither 0 (push) nor 1 (pull)`);
  if (behaviour === 1 && size === -1n) throw malformed("a pull stream needs its size, -1 is for push");
  requireAtMost("name", bytes.length - at.TX_START_HEADER_BYTES, CAMP_MAX_NAME);
  const name = readUtf8(bytes, at.TX_START_HEADER_BYTES);
  if (name === undefined) throw malformed("name is not valid UTF-8");
  const ack = readU32(bytes, at.ACK_AT);
  return { type: "tx_start", sid, ack, txId: readU32(bytes, at.TX_ID_AT), size, behaviour, name };
}

function decodeTxFetch(bytes: Uint8Array, sid: bigint): TxFetchFrame {
  requireBytes("tx_fetch", bytes, at.TX_FETCH_BYTES);
  return {
    type: "tx_fetch",
    sid,
    ack: readU32(bytes, at.ACK_AT),
    txId: readU32(bytes, at.TX_ID_AT),
    start: readU64(bytes, at.TX_FETCH_START_AT),
    end: readU64(bytes, at.TX_FETCH_END_AT),
  };
}

function decodeTxAbort(bytes: Uint8Array, sid: bigint): TxAbortFrame {
  requireHeader("tx_abort", bytes, at.TX_ID_BYTES);
  requireAtMost("reason", bytes.length - at.TX_ID_BYTES, CAMP_MAX_REASON);
  const reason = readUtf8(bytes, at.TX_ID_BYTES);
  if (reason === undefined) throw malformed("reason is not valid UTF-8");
  return { type: "tx_abort", sid, ack: readU32(bytes, at.ACK_AT), txId: readU32(bytes, at.TX_ID_AT), reason };
}

function decodeResumeTicket(bytes: Uint8Array, sid: bigint): ResumeTicketFrame {
  requireBytes("resume_ticket", bytes, at.TICKET_BYTES);
  return {
    type: "resume_ticket",
    sid,
    ack: readU32(bytes, at.ACK_AT),
    windowMs: readU32(bytes, at.TICKET_WINDOW_AT),
    secret: viewFrom(bytes, at.TICKET_SECRET_AT),
  };
}

function decodeResume(bytes: Uint8Array, sid: bigint): ResumeFrame {
  requireBytes("resume", bytes, at.RESUME_BYTES);
  const received = readU64(bytes, at.RECEIVED_AT);
  return { type: "resume", sid, received, secret: viewFrom(bytes, at.RESUME_SECRET_AT) };
}

function decodeToken(bytes: Uint8Array, sid: bigint): TokenFrame {
  requireHeader("token", bytes, at.BODY_AT);
  requireAtMost("token", bytes.length - at.BODY_AT, CAMP_MAX_TOKEN);
  const token = readUtf8(bytes, at.BODY_AT);
  if (token === undefined) throw malformed("token is not valid UTF-8");
  return { type: "token", sid, ack: readU32(bytes, at.ACK_AT), token };
}

function decodeTokenState(bytes: Uint8Array, sid: bigint): TokenStateFrame {
  requireBytes("token_state", bytes, at.TOKEN_STATE_BYTES);
  const state = bytes[at.TOKEN_STATE_AT]!;
  if (state > TokenState.expiring) throw malformed(`state ${state} is none of 0, 1 and 2`);
  const remainingMs = readU64(bytes, at.TOKEN_REMAINING_AT);
  return { type: "token_state", sid, ack: readU32(bytes, at.ACK_AT), state: state as TokenState, remainingMs };
}

function readCount(name: string, bytes: Uint8Array): bigint {
  requireBytes(name, bytes, at.RECEIVED_BYTES);
  return readU64(bytes, at.RECEIVED_AT);
}

function requireHeader(name: string, bytes: Uint8Array, headerBytes: number): void {
  if (bytes.length < headerBytes) throw tooShort(name, bytes, headerBytes);
}

function requireBytes(name: string, bytes: Uint8Array, layoutBytes: number): void {
  if (bytes.length !== layoutBytes) throw malformed(`${name} of ${bytes.length} bytes instead of ${layoutBytes}`);
}

function requireAtMost(field: string, fieldBytes: number, bytesMax: number): void {
  if (fieldBytes > bytesMax) throw tooLarge(field, fieldBytes, bytesMax);
}

function tooShort(name: string, bytes: Uint8Array, bytesMin: number): CampProtocolError {
  return malformed(`${name} of ${bytes.length} bytes is shorter than ${bytesMin}`);
}

function unknownType(type: number): CampProtocolError {
  return new CampProtocolError("UNKNOWN_TYPE", `frame type ${type} is unknown`, type);
}
