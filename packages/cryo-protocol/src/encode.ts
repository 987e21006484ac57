import { allocate, allocateText, writeU32 } from "camp-protocol/bytes";
import { tooLarge } from "./errors.js";
import { type CryoFrame, CryoFrameType, unreachable } from "./frame.js";
import { ACK_AT, PAYLOAD_AT, PING, PING_PONG_BYTES, PONG, TYPE_AT } from "./layout.js";
import { CALE_PUBLIC_KEY_BYTES, CRYO_HEADER_BYTES, CRYO_MAX_PAYLOAD } from "./limits.js";
import { type SidWords, sidWords } from "./sid.js";

/** What deployed peers put into HANDSHAKE_DONE. */
const NULL = Uint8Array.of(0x6e, 0x75, 0x6c, 0x6c);

const messageTypes = {
  utf8: CryoFrameType.utf8data,
  binary: CryoFrameType.binarydata,
  error: CryoFrameType.error,
} as const;

/**
 * Encodes the frames of one session. Each method makes one array of exactly the frame's size; where the number is that
 * of the frame itself it is left 0, `stampCryoAck` writes it when the frame is handed over (rule 9).
 *
 * A small frame may share its ArrayBuffer with other frames: pass on the view, and never transfer its `buffer`.
 * Strings are encoded with U+FFFD for lone surrogates. Payloads over their limit throw CryoProtocolError `TOO_LARGE`,
 * other values outside their range RangeError.
 */
export class CryoFrameEncoder {
  readonly #sid: SidWords;

  /** @throws RangeError if the sid is no UUID in its usual text form. */
  constructor(sid: string) {
    this.#sid = sidWords(sid);
  }

  /** `n` is the number of the frame that is acknowledged. */
  ack(n: number): Uint8Array {
    const frame = this.#frame(CryoFrameType.ack, CRYO_HEADER_BYTES);
    stampCryoAck(frame, n);
    return frame;
  }

  error(text: string): Uint8Array {
    return this.#text(CryoFrameType.error, text);
  }

  ping(): Uint8Array {
    const frame = this.#frame(CryoFrameType.ping_pong, PING_PONG_BYTES);
    writeU32(frame, PAYLOAD_AT, PING);
    return frame;
  }

  /** `n` is the number of the ping that is answered. */
  pong(n: number): Uint8Array {
    const frame = this.#frame(CryoFrameType.ping_pong, PING_PONG_BYTES);
    stampCryoAck(frame, n);
    writeU32(frame, PAYLOAD_AT, PONG);
    return frame;
  }

  utf8(text: string): Uint8Array {
    return this.#text(CryoFrameType.utf8data, text);
  }

  /** Copies `bytes`, once; they may be reused as soon as this returns. */
  binary(bytes: Uint8Array): Uint8Array {
    return this.#bytes(CryoFrameType.binarydata, bytes);
  }

  /** All of a message but its payload of so many bytes, which its sender lets follow in the same WebSocket message. */
  messageHead(kind: keyof typeof messageTypes, payloadBytes: number): Uint8Array {
    requirePayload(payloadBytes);
    return this.#frame(messageTypes[kind], PAYLOAD_AT);
  }

  serverHello(publicKey: Uint8Array): Uint8Array {
    return this.#hello(CryoFrameType.server_hello, publicKey);
  }

  clientHello(publicKey: Uint8Array): Uint8Array {
    return this.#hello(CryoFrameType.client_hello, publicKey);
  }

  /** `n` is the number of the CLIENT_HELLO. The payload is by default what deployed peers send, the text `null`. */
  handshakeDone(n: number, payload: Uint8Array = NULL): Uint8Array {
    const frame = this.#bytes(CryoFrameType.handshake_done, payload);
    stampCryoAck(frame, n);
    return frame;
  }

  #hello(type: number, publicKey: Uint8Array): Uint8Array {
    if (publicKey.length !== CALE_PUBLIC_KEY_BYTES) {
      throw new RangeError(`public key of ${publicKey.length} bytes instead of ${CALE_PUBLIC_KEY_BYTES}`);
    }
    return this.#bytes(type, publicKey);
  }

  #bytes(type: number, payload: Uint8Array): Uint8Array {
    requirePayload(payload.length);
    const frame = this.#frame(type, PAYLOAD_AT + payload.length);
    frame.set(payload, PAYLOAD_AT);
    return frame;
  }

  #text(type: number, text: string): Uint8Array {
    const frame = allocateText(PAYLOAD_AT, text, "payload", CRYO_MAX_PAYLOAD, tooLarge);
    this.#writeHeader(frame, type);
    return frame;
  }

  #frame(type: number, bytes: number): Uint8Array {
    const frame = allocate(bytes);
    this.#writeHeader(frame, type);
    return frame;
  }

  /** Clears the ack field too, which the memory behind an earlier text need not have left 0. */
  #writeHeader(frame: Uint8Array, type: number): void {
    const sid = this.#sid;
    writeU32(frame, 0, sid[0]);
    writeU32(frame, 4, sid[1]);
    writeU32(frame, 8, sid[2]);
    writeU32(frame, 12, sid[3]);
    writeU32(frame, ACK_AT, 0);
    frame[TYPE_AT] = type;
  }
}

function requirePayload(bytes: number): void {
  if (bytes > CRYO_MAX_PAYLOAD) throw tooLarge("payload", bytes, CRYO_MAX_PAYLOAD);
}

/** Writes the number of an encoded frame, whatever its type. */
export function stampCryoAck(frame: Uint8Array, n: number): void {
  if (n >>> 0 !== n) throw new RangeError(`ack ${n} is no integer in 0 … 4294967295`);
  writeU32(frame, ACK_AT, n);
}

/** Encodes any frame, number included, exactly as given. For tests, tools and recordings. */
export function encode(frame: CryoFrame): Uint8Array {
  const encoded = encodeWithoutAck(frame);
  stampCryoAck(encoded, frame.ack);
  return encoded;
}

function encodeWithoutAck(frame: CryoFrame): Uint8Array {
  const encoder = new CryoFrameEncoder(frame.sid);
  switch (frame.type) {
    case "ack":
      return encoder.ack(frame.ack);
    case "error":
      return encoder.error(frame.payload);
    case "ping_pong":
      return frame.payload === "ping" ? encoder.ping() : encoder.pong(frame.ack);
    case "utf8data":
      return encoder.utf8(frame.payload);
    case "binarydata":
      return encoder.binary(frame.payload);
    case "server_hello":
      return encoder.serverHello(frame.payload);
    case "client_hello":
      return encoder.clientHello(frame.payload);
    case "handshake_done":
      return encoder.handshakeDone(frame.ack, frame.payload);
    default:
      return unreachable(frame);
  }
}
