// Where the fields of a frame lie (section 3). Every frame starts with sid and type; where an ack number follows, it is
// at ACK_AT, and everything else begins at BODY_AT. PING_PONG, TX_CHUNK, RESUME, RESUMED and RECEIVED have none.

export const TYPE_AT = 8;
export const ACK_AT = 9;
export const BODY_AT = 13;

export const PREFIX_BYTES = ACK_AT;
export const ACK_BYTES = BODY_AT;
export const PING_PONG_BYTES = ACK_AT + 4;

export const ENDPOINT_INFO_VERSION_AT = BODY_AT;
export const ENDPOINT_INFO_FEATURES_AT = 17;
export const ENDPOINT_INFO_BYTES = 25;

/** The place of txId in all stream frames but chunks. */
export const TX_ID_AT = BODY_AT;
/** TX_FINISH and TX_CANCEL as a whole; the header of TX_ABORT. */
export const TX_ID_BYTES = 17;

export const TX_START_SIZE_AT = 17;
export const TX_START_BEHAVIOUR_AT = 25;
export const TX_START_HEADER_BYTES = 26;

export const CHUNK_TX_ID_AT = ACK_AT;
export const CHUNK_OFFSET_AT = 13;

export const TX_FETCH_START_AT = 17;
export const TX_FETCH_END_AT = 25;
export const TX_FETCH_BYTES = 33;

export const TICKET_WINDOW_AT = BODY_AT;
export const TICKET_SECRET_AT = 17;
export const TICKET_BYTES = 49;

/** The count in RESUME, RESUMED and RECEIVED; the last two end behind it. */
export const RECEIVED_AT = ACK_AT;
export const RECEIVED_BYTES = 17;
export const RESUME_SECRET_AT = 17;
export const RESUME_BYTES = 49;

export const TOKEN_STATE_AT = BODY_AT;
export const TOKEN_REMAINING_AT = 14;
export const TOKEN_STATE_BYTES = 22;

/** "ping" and "pong" as 32-bit integers. */
export const PING = 0x70_69_6e_67;
export const PONG = 0x70_6f_6e_67;
