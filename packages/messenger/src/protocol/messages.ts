import { MalformedError } from "./errors.js";
import { bytesField, numberField, optionalNumber, textField } from "./fields.js";
import { isTooLarge, type Members, parseMembers } from "./json.js";
import {
  connIdBytes,
  encryptedTimestampBytes,
  fingerprintBytes,
  idBytes,
  inviteBytes,
  nonceBytes,
  publicKeyBytes,
  signatureBytes,
} from "./limits.js";

// Every message, by who sends it. Bytes stay the base64url text that they travel as.

export interface Challenge {
  readonly type: "challenge";
  readonly v: number;
  readonly publicKey: string;
  readonly timestamp: number;
  readonly nonce: string;
  readonly connId: string;
  readonly sig: string;
}

export interface Response {
  readonly type: "response";
  readonly origin: string;
  readonly publicKey: string;
  readonly publicKeySig: string;
  readonly timestamp: number;
  readonly encryptedTimestamp: string;
  readonly signature: string;
}

export interface Registered {
  readonly type: "registered";
  readonly registered: true;
  readonly publicKeySig: string;
  /** The client's clock minus the server's. */
  readonly skewMs: number;
  /** Envelopes that wait. */
  readonly queued: number;
}

interface Addressed {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

export interface TextEnvelope extends Addressed {
  readonly type: "msg";
  readonly encryptedMessage: string;
}

export interface AcceptEnvelope extends Addressed {
  readonly type: "accept";
  readonly invite: string;
  readonly publicKey: string;
  readonly encryptedMessage: string;
}

export interface WelcomeEnvelope extends Addressed {
  readonly type: "welcome";
  readonly invite: string;
  readonly encryptedMessage: string;
}

/** What the server keeps for its recipient and hands on with exactly these members. */
export type Envelope = TextEnvelope | AcceptEnvelope | WelcomeEnvelope;

export interface Lookup {
  readonly type: "lookup";
  readonly publicKeySig: string;
}

export interface Key {
  readonly type: "key";
  readonly publicKeySig: string;
  readonly publicKey: string;
}

export interface Accepted {
  readonly type: "accepted";
  readonly id: string;
}

export interface Ack {
  readonly type: "ack";
  readonly id: string;
  readonly from: string;
}

export const errorCodes = [
  "unknown-recipient",
  "too-large",
  "rate-limited",
  "mailbox-full",
  "conflict",
  "bad-request",
  "unavailable",
] as const;
/** `unavailable`: the server cannot store now; the same message may be sent again later. */
export type ErrorCode = (typeof errorCodes)[number];

export interface ErrorMessage {
  readonly type: "error";
  readonly code: ErrorCode;
  readonly id?: string;
}

export type ClientMessage = Response | Envelope | Lookup | Ack;
export type ServerMessage = Challenge | Registered | Envelope | Key | Accepted | ErrorMessage;

/** `req` is a number of the client's choice that the answer repeats. */
export type WithReq<Message> = Message & { readonly req?: number };

/** @throws {MalformedError} for a message that no client sends */
export function parseClientMessage(text: string): WithReq<ClientMessage> {
  const members = parseMembers(text);
  const parsed = clientMessage(members);
  const req = optionalNumber(members, "req");
  return req === undefined ? parsed : { ...parsed, req };
}

/** @throws {MalformedError} for a message that no server sends */
export function parseServerMessage(text: string): WithReq<ServerMessage> {
  if (isTooLarge(text)) throw new MalformedError("a message of the server is too large");
  const members = parseMembers(text);
  const parsed = serverMessage(members);
  const req = optionalNumber(members, "req");
  return req === undefined ? parsed : { ...parsed, req };
}

/** The number to repeat in an answer to what is malformed otherwise. */
export function reqOf(text: string): number | undefined {
  try {
    return optionalNumber(parseMembers(text), "req");
  } catch {
    return undefined;
  }
}

function clientMessage(members: Members): ClientMessage {
  switch (members.type) {
    case "response":
      return {
        type: "response",
        origin: textField(members, "origin"),
        publicKey: bytesField(members, "publicKey", publicKeyBytes),
        publicKeySig: bytesField(members, "publicKeySig", fingerprintBytes),
        timestamp: numberField(members, "timestamp"),
        encryptedTimestamp: bytesField(members, "encryptedTimestamp", encryptedTimestampBytes),
        signature: bytesField(members, "signature", signatureBytes),
      };
    case "lookup":
      return { type: "lookup", publicKeySig: bytesField(members, "publicKeySig", fingerprintBytes) };
    case "ack":
      return {
        type: "ack",
        id: bytesField(members, "id", idBytes),
        from: bytesField(members, "from", fingerprintBytes),
      };
    default:
      return envelope(members);
  }
}

function serverMessage(members: Members): ServerMessage {
  switch (members.type) {
    case "challenge":
      return {
        type: "challenge",
        v: numberField(members, "v"),
        publicKey: bytesField(members, "publicKey", publicKeyBytes),
        timestamp: numberField(members, "timestamp"),
        nonce: bytesField(members, "nonce", nonceBytes),
        connId: bytesField(members, "connId", connIdBytes),
        sig: bytesField(members, "sig", signatureBytes),
      };
    case "registered":
      if (members.registered !== true) throw new MalformedError("registered is not true");
      return {
        type: "registered",
        registered: true,
        publicKeySig: bytesField(members, "publicKeySig", fingerprintBytes),
        skewMs: skewField(members),
        queued: numberField(members, "queued"),
      };
    case "key":
      return {
        type: "key",
        publicKeySig: bytesField(members, "publicKeySig", fingerprintBytes),
        publicKey: bytesField(members, "publicKey", publicKeyBytes),
      };
    case "accepted":
      return { type: "accepted", id: bytesField(members, "id", idBytes) };
    case "error":
      return errorMessage(members);
    default:
      return envelope(members);
  }
}

function envelope(members: Members): Envelope {
  const { type } = members;
  if (type !== "msg" && type !== "accept" && type !== "welcome") throw new MalformedError("a message of no known type");
  const addressed: Addressed = {
    id: bytesField(members, "id", idBytes),
    from: bytesField(members, "from", fingerprintBytes),
    to: bytesField(members, "to", fingerprintBytes),
  };
  const encryptedMessage = bytesField(members, "encryptedMessage");
  if (type === "msg") return { type, ...addressed, encryptedMessage };
  const invite = bytesField(members, "invite", inviteBytes);
  if (type === "welcome") return { type, ...addressed, invite, encryptedMessage };
  return { type, ...addressed, invite, publicKey: bytesField(members, "publicKey", publicKeyBytes), encryptedMessage };
}

function errorMessage(members: Members): ErrorMessage {
  const code = errorCodes.find((known) => known === members.code);
  if (code === undefined) throw new MalformedError("an error of no known code");
  if (members.id === undefined) return { type: "error", code };
  return { type: "error", code, id: bytesField(members, "id", idBytes) };
}

/** The only number that may be negative. */
function skewField(members: Members): number {
  const { skewMs } = members;
  if (typeof skewMs !== "number" || !Number.isSafeInteger(skewMs))
    throw new MalformedError("skewMs is no whole number");
  return skewMs;
}
