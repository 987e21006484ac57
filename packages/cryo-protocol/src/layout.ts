// Where the fields of a frame lie: the same for every type (section 2).

export const ACK_AT = 16;
export const TYPE_AT = 20;
export const PAYLOAD_AT = 21;

/** "ping" and "pong" as 32-bit integers. */
export const PING = 0x70_69_6e_67;
export const PONG = 0x70_6f_6e_67;
export const PING_PONG_BYTES = PAYLOAD_AT + 4;
