export {
  type CaleKeys,
  type CaleRecordParts,
  type CaleRole,
  caleBindingInput,
  isCalePublicKey,
  isTakenForPlain,
  readCaleCounter,
  splitCaleKeys,
  splitCaleRecord,
  writeCaleIv,
} from "./cale.js";
export { type CryoFrameExpectation, decode, expectCryoFrames } from "./decode.js";
export { CryoFrameEncoder, encode, stampCryoAck } from "./encode.js";
export { CryoProtocolError, type CryoProtocolErrorCode } from "./errors.js";
export {
  type CryoAckFrame,
  type CryoBinaryDataFrame,
  type CryoErrorFrame,
  type CryoFrame,
  CryoFrameType,
  type CryoFrameTypeName,
  type CryoHandshakeDoneFrame,
  type CryoHelloFrame,
  type CryoPingPongFrame,
  type CryoUtf8DataFrame,
} from "./frame.js";
export { inspect } from "./inspect.js";
export {
  CALE_IV_BYTES,
  CALE_KEY_BYTES,
  CALE_MAX_RECORD,
  CALE_MIN_RECORD_BYTES,
  CALE_OVERHEAD_BYTES,
  CALE_PUBLIC_KEY_BYTES,
  CALE_TAG_BYTES,
  CRYO_HEADER_BYTES,
  CRYO_MAX_FRAME,
  CRYO_MAX_PAYLOAD,
} from "./limits.js";
export { redact } from "./redact.js";
export { readCryoSid, type SidWords } from "./sid.js";
