/** The type bytes of Cryo v1 (section 2) by the names that the frames carry. */
export const CryoFrameType = {
  ack: 0,
  error: 1,
  ping_pong: 2,
  utf8data: 3,
  binarydata: 4,
  server_hello: 5,
  client_hello: 6,
  handshake_done: 7,
} as const;

/** The name of a frame type, as in `frame.type`. */
export type CryoFrameTypeName = keyof typeof CryoFrameType;

/** What every frame begins with. */
interface Header {
  /** The session's UUID as text in lower case. */
  readonly sid: string;
  readonly ack: number;
}

/** ACK, "received and accepted"; `ack` is the number that is acknowledged. */
export interface CryoAckFrame extends Header {
  readonly type: "ack";
}

/** ERROR, a text about a fault. It has a number, but nobody acknowledges it (rule 25). */
export interface CryoErrorFrame extends Header {
  readonly type: "error";
  readonly payload: string;
  /** The text was not valid UTF-8: U+FFFD stands where it was broken (rule 13). */
  readonly replaced?: true;
}

/** PING_PONG; a pong carries the number of the ping that it answers. */
export interface CryoPingPongFrame extends Header {
  readonly type: "ping_pong";
  readonly payload: "ping" | "pong";
}

/** UTF8DATA, a message of text. */
export interface CryoUtf8DataFrame extends Header {
  readonly type: "utf8data";
  readonly payload: string;
  /** The text was not valid UTF-8: deployed ends cut texts inside characters (rule 13). */
  readonly replaced?: true;
}

/** BINARYDATA, a message of bytes. */
export interface CryoBinaryDataFrame extends Header {
  readonly type: "binarydata";
  /** From the decoder a view into the received bytes; copy it to keep it. */
  readonly payload: Uint8Array;
}

/** SERVER_HELLO and CLIENT_HELLO: the sender's public key for CALE, 65 bytes (section 3). */
export interface CryoHelloFrame extends Header {
  readonly type: "server_hello" | "client_hello";
  /** From the decoder a view into the received bytes. Its first byte and the curve are not the codec's business. */
  readonly payload: Uint8Array;
}

/** HANDSHAKE_DONE; `ack` echoes the number of the CLIENT_HELLO, the payload means nothing. */
export interface CryoHandshakeDoneFrame extends Header {
  readonly type: "handshake_done";
  readonly payload: Uint8Array;
}

/** Any frame of Cryo v1. */
export type CryoFrame =
  | CryoAckFrame
  | CryoErrorFrame
  | CryoPingPongFrame
  | CryoUtf8DataFrame
  | CryoBinaryDataFrame
  | CryoHelloFrame
  | CryoHandshakeDoneFrame;

/** Ends a `switch (frame.type)`: a new frame type fails to compile wherever it is not handled. */
export function unreachable(frame: never): never {
  throw new TypeError(`not a Cryo frame: type ${String((frame as { type?: unknown }).type)}`);
}
