export { decode, expectFrames, type FrameExpectation } from "./decode.js";
export { encode, FrameEncoder, stampAck } from "./encode.js";
export { CampProtocolError, type CampProtocolErrorCode } from "./errors.js";
export {
  type AckFrame,
  type BinaryDataFrame,
  type ByeFrame,
  type CampFrame,
  type EndpointInfoFrame,
  type ErrorFrame,
  FrameType,
  type FrameTypeName,
  type PingPongFrame,
  type ReceivedFrame,
  type ResumedFrame,
  type ResumeFrame,
  type ResumeTicketFrame,
  type TokenFrame,
  TokenState,
  type TokenStateFrame,
  type TxAbortFrame,
  type TxCancelFrame,
  type TxChunkFrame,
  type TxFetchFrame,
  type TxFinishFrame,
  type TxStartFrame,
  type Utf8DataFrame,
} from "./frame.js";
export { inspect } from "./inspect.js";
export {
  CAMP_MAX_FRAME,
  CAMP_MAX_NAME,
  CAMP_MAX_PAYLOAD,
  CAMP_MAX_REASON,
  CAMP_MAX_TOKEN,
  CAMP_VERSION,
  CHUNK_HEADER_BYTES,
  Feature,
  RECEIVED_LAST,
  RESUME_NOTHING,
  RESUME_SECRET_BYTES,
  SID_MAX,
  TOKEN_ENDLESS,
  UINT32_MAX,
} from "./limits.js";
export { redact } from "./redact.js";
export { cutUtf8 } from "./utf8.js";
