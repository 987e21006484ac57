import { allocate, allocateText } from "./allocate.js";
import { tooLarge } from "./errors.js";
import { type CampFrame, FrameType, type TokenState, unreachable } from "./frame.js";
import { highInt32, lowInt32, writeU32, writeU64 } from "./integers.js";
import * as at from "./layout.js";
import {
  CAMP_MAX_NAME,
  CAMP_MAX_PAYLOAD,
  CAMP_MAX_REASON,
  CAMP_MAX_TOKEN,
  CHUNK_HEADER_BYTES,
  RESUME_SECRET_BYTES,
  SID_MAX,
  UINT32_MAX,
} from "./limits.js";
import { cutUtf8 } from "./utf8.js";

const SIZE_MAX = (1n << 63n) - 1n;

const messageTypes = {
  utf8: FrameType.utf8data,
  binary: FrameType.binarydata,
  error: FrameType.error,
} as const;

/**
 * Encodes the frames of one session. Each method makes one array of exactly the frame's size; the ack number is left
 * 0, `stampAck` writes it when the frame is handed over (rule 9).
 *
 * A small frame may share its ArrayBuffer with other frames: pass on the view, and never transfer its `buffer`.
 * Strings are encoded with U+FFFD for lone surrogates. Payloads and names over their limit throw CampProtocolError
 * `TOO_LARGE`, other values outside their range RangeError.
 */
export class FrameEncoder {
  private readonly sid: Sid;

  constructor(sid: bigint) {
    this.sid = splitSid(sid);
  }

  endpointInfo(version: number, features: bigint): Uint8Array {
    requireU32("version", version);
    requireU64("features", features);
    const frame = fixedFrame(this.sid, FrameType.endpoint_info, at.ENDPOINT_INFO_BYTES);
    writeU32(frame, at.ENDPOINT_INFO_VERSION_AT, version);
    writeU64(frame, at.ENDPOINT_INFO_FEATURES_AT, features);
    return frame;
  }

  /** The reason is cut to `CAMP_MAX_REASON` bytes: longer ones make deployed clients fail (section 9). */
  bye(reason: string): Uint8Array {
    return textFrame(this.sid, FrameType.bye, cutUtf8(reason, CAMP_MAX_REASON), "reason");
  }

  /** The only frame whose number is known here: `n` is the number of the frame that is acknowledged. */
  ack(n: number): Uint8Array {
    const frame = fixedFrame(this.sid, FrameType.ack, at.ACK_BYTES);
    stampAck(frame, n);
    return frame;
  }

  error(text: string): Uint8Array {
    return textFrame(this.sid, FrameType.error, text, "payload");
  }

  ping(): Uint8Array {
    const frame = fixedFrame(this.sid, FrameType.ping_pong, at.PING_PONG_BYTES);
    writeU32(frame, at.ACK_AT, at.PING);
    return frame;
  }

  pong(): Uint8Array {
    const frame = fixedFrame(this.sid, FrameType.ping_pong, at.PING_PONG_BYTES);
    writeU32(frame, at.ACK_AT, at.PONG);
    return frame;
  }

  utf8(text: string): Uint8Array {
    return textFrame(this.sid, FrameType.utf8data, text, "payload");
  }

  /** Copies `bytes`, once; they may be reused as soon as this returns. */
  binary(bytes: Uint8Array): Uint8Array {
    requirePayload(bytes.length);
    const frame = fixedFrame(this.sid, FrameType.binarydata, at.BODY_AT + bytes.length);
    frame.set(bytes, at.BODY_AT);
    return frame;
  }

  /** All of a message but its payload of so many bytes, which its sender lets follow in the same WebSocket message. */
  messageHead(kind: keyof typeof messageTypes, payloadBytes: number): Uint8Array {
    requirePayload(payloadBytes);
    return fixedFrame(this.sid, messageTypes[kind], at.BODY_AT);
  }

  /** `size` is -1n for a push stream (behaviour 0) of unknown length. */
  txStart(txId: number, size: bigint, behaviour: 0 | 1, name: string): Uint8Array {
    requireU32("txId", txId);
    if (behaviour !== 0 && behaviour !== 1) throw new RangeError(`behaviour ${behaviour} is neither 0 nor 1`);
    const sizeMin = behaviour === 0 ? -1n : 0n;
    if (size < sizeMin || size > SIZE_MAX) throw new RangeError(`size ${size} is outside ${sizeMin} … ${SIZE_MAX}`);
    const frame = allocateText(at.TX_START_HEADER_BYTES, name, "name", CAMP_MAX_NAME);
    writePrefix(frame, this.sid, FrameType.tx_start);
    writeU32(frame, at.TX_ID_AT, txId);
    writeU64(frame, at.TX_START_SIZE_AT, size);
    frame[at.TX_START_BEHAVIOUR_AT] = behaviour;
    return frame;
  }

  /**
   * A chunk with room for its payload from `CHUNK_HEADER_BYTES` to the end, so that a source can read straight into
   * the frame; until then that room may hold anything. `allocateFrame` gives exactly the bytes asked for, zeroed or not.
   */
  txChunk(
    txId: number,
    offset: bigint,
    payloadBytes: number,
    allocateFrame: (bytes: number) => Uint8Array = allocate,
  ): Uint8Array {
    requireU32("txId", txId);
    requirePayload(payloadBytes);
    requireU32("payloadBytes", payloadBytes);
    const offsetMax = SID_MAX - BigInt(payloadBytes);
    if (offset < 0n || offset > offsetMax) throw new RangeError(`offset ${offset} is outside 0 … ${offsetMax}`);
    const frameBytes = CHUNK_HEADER_BYTES + payloadBytes;
    const frame = allocateFrame(frameBytes);
    if (frame.length !== frameBytes)
      throw new RangeError(`allocate gave ${frame.length} bytes instead of ${frameBytes}`);
    writePrefix(frame, this.sid, FrameType.tx_chunk);
    writeU32(frame, at.CHUNK_TX_ID_AT, txId);
    writeU64(frame, at.CHUNK_OFFSET_AT, offset);
    return frame;
  }

  txFinish(txId: number): Uint8Array {
    return txIdFrame(this.sid, FrameType.tx_finish, txId);
  }

  /** Any two numbers: what they mean, and whether they may, is the session's business (rules 18 and 21). */
  txFetch(txId: number, start: bigint, end: bigint): Uint8Array {
    requireU32("txId", txId);
    requireU64("start", start);
    requireU64("end", end);
    const frame = fixedFrame(this.sid, FrameType.tx_fetch, at.TX_FETCH_BYTES);
    writeU32(frame, at.TX_ID_AT, txId);
    writeU64(frame, at.TX_FETCH_START_AT, start);
    writeU64(frame, at.TX_FETCH_END_AT, end);
    return frame;
  }

  txCancel(txId: number): Uint8Array {
    return txIdFrame(this.sid, FrameType.tx_cancel, txId);
  }

  /** The reason is cut to `CAMP_MAX_REASON` bytes (rule 18). */
  txAbort(txId: number, reason: string): Uint8Array {
    return abortFrame(this.sid, txId, cutUtf8(reason, CAMP_MAX_REASON));
  }

  /** Copies the secret, which must have `RESUME_SECRET_BYTES` bytes. */
  resumeTicket(windowMs: number, secret: Uint8Array): Uint8Array {
    requireU32("windowMs", windowMs);
    requireSecret(secret);
    const frame = fixedFrame(this.sid, FrameType.resume_ticket, at.TICKET_BYTES);
    writeU32(frame, at.TICKET_WINDOW_AT, windowMs);
    frame.set(secret, at.TICKET_SECRET_AT);
    return frame;
  }

  /** Copies the secret, which must have `RESUME_SECRET_BYTES` bytes. */
  resume(received: bigint, secret: Uint8Array): Uint8Array {
    requireSecret(secret);
    const frame = countFrame(this.sid, FrameType.resume, at.RESUME_BYTES, received);
    frame.set(secret, at.RESUME_SECRET_AT);
    return frame;
  }

  resumed(received: bigint): Uint8Array {
    return countFrame(this.sid, FrameType.resumed, at.RECEIVED_BYTES, received);
  }

  received(received: bigint): Uint8Array {
    return countFrame(this.sid, FrameType.received, at.RECEIVED_BYTES, received);
  }

  token(token: string): Uint8Array {
    const frame = allocateText(at.BODY_AT, token, "token", CAMP_MAX_TOKEN);
    writePrefix(frame, this.sid, FrameType.token);
    return frame;
  }

  tokenState(state: TokenState, remainingMs: bigint): Uint8Array {
    if (state !== 0 && state !== 1 && state !== 2) throw new RangeError(`state ${state} is none of 0, 1 and 2`);
    requireU64("remainingMs", remainingMs);
    const frame = fixedFrame(this.sid, FrameType.token_state, at.TOKEN_STATE_BYTES);
    frame[at.TOKEN_STATE_AT] = state;
    writeU64(frame, at.TOKEN_REMAINING_AT, remainingMs);
    return frame;
  }
}

/** Writes the ack number into an encoded frame of a type that has one: all whose interface has a field `ack`. */
export function stampAck(frame: Uint8Array, n: number): void {
  requireU32("ack", n);
  writeU32(frame, at.ACK_AT, n);
}

/**
 * Encodes any frame, ack number included, exactly as given: nothing is cut. For tests, tools and recordings; a session
 * uses `FrameEncoder`, which throws the same errors.
 */
export function encode(frame: CampFrame): Uint8Array {
  const encoded = encodeWithoutAck(frame);
  if ("ack" in frame) stampAck(encoded, frame.ack);
  return encoded;
}

function encodeWithoutAck(frame: CampFrame): Uint8Array {
  const encoder = new FrameEncoder(frame.sid);
  switch (frame.type) {
    case "endpoint_info":
      return encoder.endpointInfo(frame.version, frame.features);
    case "bye":
      return textFrame(splitSid(frame.sid), FrameType.bye, frame.reason, "reason");
    case "ack":
      return encoder.ack(frame.ack);
    case "error":
      return encoder.error(frame.payload);
    case "ping_pong":
      return frame.payload === "ping" ? encoder.ping() : encoder.pong();
    case "utf8data":
      return encoder.utf8(frame.payload);
    case "binarydata":
      return encoder.binary(frame.payload);
    case "tx_start":
      return encoder.txStart(frame.txId, frame.size, frame.behaviour, frame.name);
    case "tx_chunk": {
      const chunk = encoder.txChunk(frame.txId, frame.offset, frame.payload.length);
      chunk.set(frame.payload, CHUNK_HEADER_BYTES);
      return chunk;
    }
    case "tx_finish":
      return encoder.txFinish(frame.txId);
    case "tx_fetch":
      return encoder.txFetch(frame.txId, frame.start, frame.end);
    case "tx_cancel":
      return encoder.txCancel(frame.txId);
    case "tx_abort":
      return abortFrame(splitSid(frame.sid), frame.txId, frame.reason);
    case "resume_ticket":
      return encoder.resumeTicket(frame.windowMs, frame.secret);
    case "resume":
      return encoder.resume(frame.received, frame.secret);
    case "resumed":
      return encoder.resumed(frame.received);
    case "received":
      return encoder.received(frame.received);
    case "token":
      return encoder.token(frame.token);
    case "token_state":
      return encoder.tokenState(frame.state, frame.remainingMs);
    default:
      return unreachable(frame);
  }
}

/** A sid as two signed 32-bit halves, so that no frame touches a bigint. */
interface Sid {
  readonly high: number;
  readonly low: number;
}

function splitSid(sid: bigint): Sid {
  requireU64("sid", sid);
  return { high: highInt32(sid), low: lowInt32(sid) };
}

function fixedFrame(sid: Sid, type: number, bytes: number): Uint8Array {
  const frame = allocate(bytes);
  writePrefix(frame, sid, type);
  return frame;
}

function txIdFrame(sid: Sid, type: number, txId: number): Uint8Array {
  requireU32("txId", txId);
  const frame = fixedFrame(sid, type, at.TX_ID_BYTES);
  writeU32(frame, at.TX_ID_AT, txId);
  return frame;
}

function textFrame(sid: Sid, type: number, text: string, field: string): Uint8Array {
  const frame = allocateText(at.BODY_AT, text, field, CAMP_MAX_PAYLOAD);
  writePrefix(frame, sid, type);
  return frame;
}

function abortFrame(sid: Sid, txId: number, reason: string): Uint8Array {
  requireU32("txId", txId);
  const frame = allocateText(at.TX_ID_BYTES, reason, "reason", CAMP_MAX_REASON);
  writePrefix(frame, sid, FrameType.tx_abort);
  writeU32(frame, at.TX_ID_AT, txId);
  return frame;
}

/** Clears the ack field too, which the memory behind an earlier text need not have left 0. */
function writePrefix(frame: Uint8Array, sid: Sid, type: number): void {
  writeU32(frame, 0, sid.high);
  writeU32(frame, 4, sid.low);
  frame[at.TYPE_AT] = type;
  writeU32(frame, at.ACK_AT, 0);
}

function countFrame(sid: Sid, type: number, bytes: number, received: bigint): Uint8Array {
  requireU64("received", received);
  const frame = fixedFrame(sid, type, bytes);
  writeU64(frame, at.RECEIVED_AT, received);
  return frame;
}

function requireSecret({ length }: Uint8Array): void {
  if (length !== RESUME_SECRET_BYTES)
    throw new RangeError(`secret of ${length} bytes instead of ${RESUME_SECRET_BYTES}`);
}

function requirePayload(bytes: number): void {
  if (bytes > CAMP_MAX_PAYLOAD) throw tooLarge("payload", bytes, CAMP_MAX_PAYLOAD);
}

function requireU32(field: string, value: number): void {
  if (value >>> 0 !== value) throw new RangeError(`${field} ${value} is no integer in 0 … ${UINT32_MAX}`);
}

function requireU64(field: string, value: bigint): void {
  if (value < 0n || value > SID_MAX) throw new RangeError(`${field} ${value} is outside 0 … ${SID_MAX}`);
}
