/** The protocol version that ENDPOINT_INFO announces (section 3). */
export const CAMP_VERSION = 1;

/** Bytes of payload or text in one frame (section 3). Stops a peer from making us hold one endless message. */
export const CAMP_MAX_PAYLOAD = 1_048_576;

/** Bytes of a stream's name (section 3). Names are kept in tables, so a peer must not choose their size. */
export const CAMP_MAX_NAME = 1024;

/** Bytes of a reason in TX_ABORT and in a BYE of ours: what fits a WebSocket close frame (sections 9, 10). */
export const CAMP_MAX_REASON = 123;

/** Bytes of the secret in RESUME_TICKET and RESUME: nobody guesses 256 bits. */
export const RESUME_SECRET_BYTES = 32;

/** Bytes of a token in TOKEN: no more than fits the head of an upgrade request. */
export const CAMP_MAX_TOKEN = 8192;

/** The time that a token has which does not end. */
export const TOKEN_ENDLESS: bigint = 0xffff_ffff_ffff_ffffn;

/** Bytes before the payload of a TX_CHUNK: sid, type, txId, offset. */
export const CHUNK_HEADER_BYTES = 21;

/** The largest legal frame, a full chunk: what the WebSocket layer may accept at most. */
export const CAMP_MAX_FRAME = CHUNK_HEADER_BYTES + CAMP_MAX_PAYLOAD;

/** The largest unsigned 64-bit integer: bound of session ids, offsets and feature sets. */
export const SID_MAX = 0xffff_ffff_ffff_ffffn;

/** The count in a RESUME whose client did not keep the session: the server need not either. */
export const RESUME_NOTHING: bigint = SID_MAX;

/** Set in the count of the last RECEIVED of an end that ends the session: it takes nothing that comes after. */
export const RECEIVED_LAST: bigint = 1n << 63n;

/** The largest unsigned 32-bit integer: bound of ack numbers and transaction ids. */
export const UINT32_MAX = 0xffff_ffff;

/** Feature bits of ENDPOINT_INFO. Bit 0 is CAMP's own; from bit 32 upward they are extensions of ours (section 7). */
export const Feature = {
  /** Streams: the types 0 … 4. */
  transactions: 1n,
  /** TX_ABORT, and TX_FETCH as credit for push streams (rule 18). */
  streamControl: 1n << 32n,
  /** Sessions that outlive their connection: the types 17 … 20. In force only together with `streamControl`. */
  resume: 1n << 33n,
  /** New tokens for a running session: TOKEN and TOKEN_STATE. */
  tokens: 1n << 34n,
} as const;
