/** Bytes of payload or text in one frame (rule 25). Stops a peer from making us hold one endless message. */
export const CRYO_MAX_PAYLOAD = 1_048_576;

/** Bytes before the payload of every frame: sid, ack, type. */
export const CRYO_HEADER_BYTES = 21;

/** The largest legal frame: what the WebSocket layer may accept at most without CALE. */
export const CRYO_MAX_FRAME = CRYO_HEADER_BYTES + CRYO_MAX_PAYLOAD;

/** A P-256 public key in uncompressed form. */
export const CALE_PUBLIC_KEY_BYTES = 65;

/** An AES-128 key. */
export const CALE_KEY_BYTES = 16;

/** Before the ciphertext of a record: eight zero bytes and a 32-bit counter. */
export const CALE_IV_BYTES = 12;

/** Behind the ciphertext of a record. Shorter tags are never accepted. */
export const CALE_TAG_BYTES = 16;

/** What a record adds to its frame. */
export const CALE_OVERHEAD_BYTES = CALE_IV_BYTES + CALE_TAG_BYTES;

/** The record of a frame without payload; nothing shorter can be one. */
export const CALE_MIN_RECORD_BYTES = CRYO_HEADER_BYTES + CALE_OVERHEAD_BYTES;

/** The largest legal record: what the WebSocket layer may accept at most with CALE. */
export const CALE_MAX_RECORD = CRYO_MAX_FRAME + CALE_OVERHEAD_BYTES;
