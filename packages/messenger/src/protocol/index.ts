export { decodeBase64url, encodeBase64url } from "./base64url.js";
export { type Addresses, blobAad, noReplyKey, packBlob, unpackBlob } from "./blob.js";
export type { Body } from "./body.js";
export { concat, equal, isSmaller, lp, textOf, u64, utf8 } from "./bytes.js";
export {
  CannotOpenError,
  MalformedError,
  MessengerError,
  type MessengerErrorCode,
} from "./errors.js";
export { openFile, sealedFileBytes, sealFile } from "./file-records.js";
export { type Greeting, packGreeting, unpackGreeting } from "./greeting.js";
export { hkdf, sha256, sha512 } from "./hash.js";
export { exportPoint, generateHpkeKeys, importPoint, open, type SealContext, seal, suiteByte } from "./hpke.js";
export { createIdentity, type Identity, identityOf } from "./identity.js";
export {
  checkRefusal,
  type Exchanged,
  type InviteTerms,
  invitePsk,
  isRefusal,
  openAccept,
  openWelcome,
  pairPsk,
  sealAccept,
  sealRefusal,
  sealWelcome,
} from "./invitation.js";
export { isTooLarge, parseMembers } from "./json.js";
export { exportKeys, importHpkeKeys, importSigningKeys } from "./key-storage.js";
export type { Jwk, WebKey, WebKeyPair } from "./keys.js";
export {
  bodyBytesMax,
  chainMax,
  connIdBytes,
  fileBytesMax,
  fileNameBytesMax,
  fileRecordBytes,
  idBytes,
  inPersonMs,
  inviteBytes,
  inviteMsDefault,
  inviteMsMax,
  mailboxBytesMax,
  mailboxMessagesMax,
  mailboxMs,
  mailboxPairMax,
  messageBytesMax,
  nameBytesMax,
  nonceBytes,
  openInvitesMax,
  partHeaderBytes,
  partsMax,
  publicKeyBytes,
  rateBurst,
  ratePerSecond,
  refusalsPerMinute,
  registrationMs,
  rememberedMs,
  rememberedPerSender,
  replyKeyFreshMs,
  replyKeyIdBytes,
  replyKeyMsMax,
  replyKeysMax,
  secretBytes,
  windowBits,
} from "./limits.js";
export { formatLink, type InviteLink, parseLink } from "./link.js";
export {
  type AcceptEnvelope,
  type Accepted,
  type Ack,
  type Challenge,
  type ClientMessage,
  type Envelope,
  type ErrorCode,
  type ErrorMessage,
  type Key,
  type Lookup,
  parseClientMessage,
  parseServerMessage,
  type Registered,
  type Response,
  reqOf,
  type ServerMessage,
  type TextEnvelope,
  type WelcomeEnvelope,
  type WithReq,
} from "./messages.js";
export { type Plaintext, packPlaintext, prevHashBytes, type Receipts, unpackPlaintext } from "./plaintext.js";
export { exportPublicKey, fingerprintOf, type PublicKey, parsePublicKey } from "./public-key.js";
export type { Random } from "./random.js";
export {
  emptyWindow,
  hasArrived,
  isAcknowledged,
  missingFrom,
  type ReceiveWindow,
  receiptsOf,
  withArrived,
} from "./receive-window.js";
export { answerChallenge, checkChallenge, checkResponse, createChallenge, protocolVersion } from "./registration.js";
export { inOrder, safetyNumber } from "./safety-number.js";
export { generateSigningKeys } from "./signature.js";
export { openText, sealText } from "./text-seal.js";
export { TokenBucket } from "./token-bucket.js";
