/**
 * The type bytes of CAMP v1 (section 3) by the names that the frames carry. 16 to 22 are extensions of ours: without
 * negotiation they are unknown types (rule 18, docs/protocol-extensions.md).
 */
export const FrameType = {
  endpoint_info: 255,
  bye: 254,
  ack: 253,
  error: 252,
  ping_pong: 251,
  utf8data: 250,
  binarydata: 249,
  tx_start: 0,
  tx_chunk: 1,
  tx_finish: 2,
  tx_fetch: 3,
  tx_cancel: 4,
  tx_abort: 16,
  resume_ticket: 17,
  resume: 18,
  resumed: 19,
  received: 20,
  token: 21,
  token_state: 22,
} as const;

/** The name of a frame type, as in `frame.type`. */
export type FrameTypeName = keyof typeof FrameType;

/** ENDPOINT_INFO, the first frame of both ends: protocol version and features (sections 3 and 4). */
export interface EndpointInfoFrame {
  readonly type: "endpoint_info";
  readonly sid: bigint;
  readonly ack: number;
  /** Look at it before anything else: a version other than 1 need not share the layout of version 1. */
  readonly version: number;
  /** A set of bits, see `Feature`; `0n` when a frame of another version is too short to hold it. */
  readonly features: bigint;
}

/** BYE, the last frame of its sender (section 4). */
export interface ByeFrame {
  readonly type: "bye";
  readonly sid: bigint;
  readonly ack: number;
  readonly reason: string;
  /** The reason was not valid UTF-8: U+FFFD stands where it was broken (rule 13). */
  readonly replaced?: true;
}

/** ACK, "received and accepted"; not ack-tracked itself (section 3). */
export interface AckFrame {
  readonly type: "ack";
  readonly sid: bigint;
  /** The number of the frame that is acknowledged. */
  readonly ack: number;
}

/** ERROR, a text about a fault (section 3). */
export interface ErrorFrame {
  readonly type: "error";
  readonly sid: bigint;
  readonly ack: number;
  readonly payload: string;
  /** The text was not valid UTF-8: U+FFFD stands where it was broken (rule 13). */
  readonly replaced?: true;
}

/** PING_PONG, the heartbeat (section 5). */
export interface PingPongFrame {
  readonly type: "ping_pong";
  readonly sid: bigint;
  readonly payload: "ping" | "pong";
}

/** UTF8DATA, a text message; strict UTF-8, a BOM is kept (section 3, rule 13). */
export interface Utf8DataFrame {
  readonly type: "utf8data";
  readonly sid: bigint;
  readonly ack: number;
  readonly payload: string;
}

/** BINARYDATA, a message of bytes (section 3). */
export interface BinaryDataFrame {
  readonly type: "binarydata";
  readonly sid: bigint;
  readonly ack: number;
  /** From the decoder a view into the received bytes; copy it to keep it. */
  readonly payload: Uint8Array;
}

/** TX_START announces a stream (section 6). */
export interface TxStartFrame {
  readonly type: "tx_start";
  readonly sid: bigint;
  readonly ack: number;
  readonly txId: number;
  /** Bytes of the whole stream; `-1n` if unknown, then the behaviour is push. */
  readonly size: bigint;
  /** 0: push, the sender sends by itself. 1: pull, it sends what TX_FETCH asks for. */
  readonly behaviour: 0 | 1;
  /** At most `CAMP_MAX_NAME` bytes of strict UTF-8; an empty one means anonymous. */
  readonly name: string;
}

/** TX_CHUNK, some bytes of a stream; not ack-tracked (section 6). */
export interface TxChunkFrame {
  readonly type: "tx_chunk";
  readonly sid: bigint;
  readonly txId: number;
  /** Where the payload lies in the stream; its end is at most 2^64 - 1. */
  readonly offset: bigint;
  /** From the decoder a view into the received bytes; copy it to keep it. */
  readonly payload: Uint8Array;
}

/** TX_FINISH: all bytes of the stream were sent (section 6). */
export interface TxFinishFrame {
  readonly type: "tx_finish";
  readonly sid: bigint;
  readonly ack: number;
  readonly txId: number;
}

/**
 * TX_FETCH asks for the half-open range [start, end) of a pull stream (section 6); on push streams it grants credit
 * (rule 18). The codec takes any two numbers, the session judges them (rule 21).
 */
export interface TxFetchFrame {
  readonly type: "tx_fetch";
  readonly sid: bigint;
  readonly ack: number;
  readonly txId: number;
  readonly start: bigint;
  readonly end: bigint;
}

/** TX_CANCEL: the receiver wants no more of the stream (section 6). */
export interface TxCancelFrame {
  readonly type: "tx_cancel";
  readonly sid: bigint;
  readonly ack: number;
  readonly txId: number;
}

/** TX_ABORT: the source of the stream failed; only between ends that both announced stream control (rule 18). */
export interface TxAbortFrame {
  readonly type: "tx_abort";
  readonly sid: bigint;
  readonly ack: number;
  readonly txId: number;
  /** At most `CAMP_MAX_REASON` bytes of strict UTF-8. */
  readonly reason: string;
}

/**
 * RESUME_TICKET, from the server: what the client must show to come back to this session. Like those below only between
 * ends that both announced `Feature.resume`; all of them are described in docs/protocol-extensions.md.
 */
export interface ResumeTicketFrame {
  readonly type: "resume_ticket";
  readonly sid: bigint;
  readonly ack: number;
  /** How long the server keeps the session after its connection was cut, in milliseconds. */
  readonly windowMs: number;
  /** `RESUME_SECRET_BYTES` bytes that nobody can guess. From the decoder a view into the received bytes. */
  readonly secret: Uint8Array;
}

/** RESUME, from a client that comes back on a new connection. */
export interface ResumeFrame {
  readonly type: "resume";
  readonly sid: bigint;
  /** How many counted frames it received on the session; `RESUME_NOTHING` if it gave the session up. */
  readonly received: bigint;
  /** That of its last RESUME_TICKET. From the decoder a view into the received bytes. */
  readonly secret: Uint8Array;
}

/** RESUMED, the server's answer: the session goes on here. */
export interface ResumedFrame {
  readonly type: "resumed";
  readonly sid: bigint;
  /** How many counted frames the server received on the session. */
  readonly received: bigint;
}

/** RECEIVED: what was counted so far need not be kept any longer to be sent again. */
export interface ReceivedFrame {
  readonly type: "received";
  readonly sid: bigint;
  /** With `RECEIVED_LAST` added when the sender ends the session. */
  readonly received: bigint;
}

/** TOKEN, from a client: a new token for the session, only between ends that both announced `Feature.tokens`. */
export interface TokenFrame {
  readonly type: "token";
  readonly sid: bigint;
  readonly ack: number;
  /** At most `CAMP_MAX_TOKEN` bytes in UTF-8. It is a secret. */
  readonly token: string;
}

/** TOKEN_STATE, from the server: what became of the last TOKEN, or that the token ends soon. */
export interface TokenStateFrame {
  readonly type: "token_state";
  readonly sid: bigint;
  readonly ack: number;
  readonly state: TokenState;
  /** Milliseconds that the session's token still has; `TOKEN_ENDLESS` if it does not end. */
  readonly remainingMs: bigint;
}

/** 0: the token was refused, the session goes on with the one before. 1: it was accepted. 2: nothing was asked, but time runs out. */
export const TokenState = { refused: 0, accepted: 1, expiring: 2 } as const;
export type TokenState = (typeof TokenState)[keyof typeof TokenState];

/** Any frame of CAMP v1. */
export type CampFrame =
  | EndpointInfoFrame
  | ByeFrame
  | AckFrame
  | ErrorFrame
  | PingPongFrame
  | Utf8DataFrame
  | BinaryDataFrame
  | TxStartFrame
  | TxChunkFrame
  | TxFinishFrame
  | TxFetchFrame
  | TxCancelFrame
  | TxAbortFrame
  | ResumeTicketFrame
  | ResumeFrame
  | ResumedFrame
  | ReceivedFrame
  | TokenFrame
  | TokenStateFrame;

/** Ends a `switch (frame.type)`: a new frame type fails to compile wherever it is not handled. */
export function unreachable(frame: never): never {
  throw new TypeError(`not a CAMP frame: type ${String((frame as { type?: unknown }).type)}`);
}
