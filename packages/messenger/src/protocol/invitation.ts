import { decodeBase64url } from "./base64url.js";
import { type Addresses, blobAad, noReplyKey, packBlob, unpackBlob } from "./blob.js";
import { concat, equal, lp, utf8 } from "./bytes.js";
import { CannotOpenError } from "./errors.js";
import { type Greeting, packGreeting, unpackGreeting } from "./greeting.js";
import { hkdf, sha256 } from "./hash.js";
import { type Opened, open, type Psk, type Sealed, seal } from "./hpke.js";
import type { WebKey, WebKeyPair } from "./keys.js";
import { greetingBytes } from "./limits.js";
import type { InviteLink } from "./link.js";
import type { AcceptEnvelope, WelcomeEnvelope } from "./messages.js";

// The three seals of an invitation and the key that both ends draw from them (spec: messenger, section 3).

const pairContext = utf8("smp-pair/1");

/** A seal that is done, and what pairPsk takes from it. */
export interface Exchanged<Value> {
  readonly value: Value;
  readonly exported: Uint8Array;
}

/** The key that whoever has the link and the inviter share. */
export function invitePsk({ secret, inviter, invite }: Omit<InviteLink, "expiry">): Promise<Uint8Array> {
  return hkdf(secret, utf8("smp-invite/1"), concat(decodeBase64url(inviter), decodeBase64url(invite)));
}

/** What guest and inviter agree on before either has said anything. */
export interface InviteTerms {
  readonly invite: string;
  readonly expiry: number;
  /** `invitePsk` of the link. */
  readonly psk: Uint8Array;
}

/** guest → inviter. */
export async function sealAccept(
  greeting: Greeting,
  addresses: Addresses,
  guest: WebKeyPair,
  inviter: WebKey,
  terms: InviteTerms,
  ephemeralSeed?: Uint8Array,
): Promise<Exchanged<string>> {
  const context = { info: acceptInfo(addresses, terms), aad: blobAad(addresses), psk: pskOf(terms) };
  const sealed = await seal(packGreeting(greeting), guest, inviter, context, ephemeralSeed);
  return exchanged(packBlob({ replyKeyId: noReplyKey, sealed: sealed.bytes }), sealed);
}

/** @throws {CannotOpenError | MalformedError} without burning anything */
export async function openAccept(
  envelope: AcceptEnvelope,
  inviter: WebKeyPair,
  guest: WebKey,
  terms: InviteTerms,
): Promise<Exchanged<Greeting>> {
  const { replyKeyId, sealed } = unpackBlob(envelope.encryptedMessage);
  if (!equal(replyKeyId, noReplyKey)) throw new CannotOpenError("an answer to an invitation");
  const context = { info: acceptInfo(envelope, terms), aad: blobAad(envelope), psk: pskOf(terms) };
  const opened = await open("an answer to an invitation", sealed, inviter, guest, context);
  return exchanged(unpackGreeting(opened.plaintext), opened);
}

/** inviter → guest, to the reply key of the guest's greeting. */
export async function sealWelcome(
  greeting: Greeting,
  addresses: Addresses,
  inviter: WebKeyPair,
  guest: { readonly replyKeyId: Uint8Array; readonly replyKey: WebKey },
  accept: AcceptEnvelope,
  terms: InviteTerms,
  ephemeralSeed?: Uint8Array,
): Promise<Exchanged<string>> {
  const context = { info: await welcomeInfo(accept, terms), aad: blobAad(addresses), psk: pskOf(terms) };
  const sealed = await seal(packGreeting(greeting), inviter, guest.replyKey, context, ephemeralSeed);
  return exchanged(packBlob({ replyKeyId: guest.replyKeyId, sealed: sealed.bytes }), sealed);
}

/** @throws {CannotOpenError | MalformedError} also where it is sealed to another reply key than the guest's greeting named */
export async function openWelcome(
  envelope: WelcomeEnvelope,
  guest: { readonly replyKeyId: Uint8Array; readonly replyKey: WebKeyPair },
  inviter: WebKey,
  accept: AcceptEnvelope,
  terms: InviteTerms,
): Promise<Exchanged<Greeting>> {
  const { replyKeyId, sealed } = unpackBlob(envelope.encryptedMessage);
  if (!equal(replyKeyId, guest.replyKeyId)) throw new CannotOpenError("a welcome");
  const context = { info: await welcomeInfo(accept, terms), aad: blobAad(envelope), psk: pskOf(terms) };
  const opened = await open("a welcome", sealed, guest.replyKey, inviter, context);
  return exchanged(unpackGreeting(opened.plaintext), opened);
}

/**
 * The inviter's answer to an `accept` of an invitation that is used or over: a welcome whose replyKeyId is zeros, sealed to the guest's
 * K in mode Auth. Nobody but the inviter can make it, and it tells nothing but that.
 */
export async function sealRefusal(
  addresses: Addresses,
  inviter: WebKeyPair,
  guest: WebKey,
  accept: AcceptEnvelope,
): Promise<string> {
  const context = { info: await refusalInfo(accept), aad: blobAad(addresses) };
  const sealed = await seal(new Uint8Array(greetingBytes), inviter, guest, context);
  return packBlob({ replyKeyId: noReplyKey, sealed: sealed.bytes });
}

/** @throws {CannotOpenError} if the inviter did not make it */
export async function checkRefusal(
  envelope: WelcomeEnvelope,
  guest: WebKeyPair,
  inviter: WebKey,
  accept: AcceptEnvelope,
): Promise<void> {
  const { sealed } = unpackBlob(envelope.encryptedMessage);
  const context = { info: await refusalInfo(accept), aad: blobAad(envelope) };
  await open("a refusal", sealed, guest, inviter, context);
}

export function isRefusal(envelope: WelcomeEnvelope): boolean {
  return equal(unpackBlob(envelope.encryptedMessage).replyKeyId, noReplyKey);
}

/** pairPsk: what both ends keep for each other; the link's secret is not needed any more. */
export function pairPsk(
  terms: InviteTerms,
  acceptExport: Uint8Array,
  welcomeExport: Uint8Array,
  inviter: string,
  guest: string,
): Promise<Uint8Array> {
  const info = concat(decodeBase64url(inviter), decodeBase64url(guest), decodeBase64url(terms.invite));
  return hkdf(concat(terms.psk, acceptExport, welcomeExport), pairContext, info);
}

function pskOf({ invite, psk }: InviteTerms): Psk {
  return { id: decodeBase64url(invite), key: psk };
}

function acceptInfo({ from, to }: Addresses, { invite, expiry }: InviteTerms): Uint8Array {
  return lp("smp-accept/1", decodeBase64url(from), decodeBase64url(to), decodeBase64url(invite), expiry);
}

function welcomeInfo(accept: AcceptEnvelope, { expiry }: InviteTerms): Promise<Uint8Array> {
  const { id, from, to, invite, publicKey, encryptedMessage } = accept;
  const before = [id, from, to, invite].map(decodeBase64url);
  const after = [publicKey, encryptedMessage].map(decodeBase64url);
  return sha256(lp("smp-accepted/1", ...before, expiry, ...after));
}

function refusalInfo(accept: AcceptEnvelope): Promise<Uint8Array> {
  const { id, from, to, invite, publicKey, encryptedMessage } = accept;
  return sha256(lp("smp-refused/1", ...[id, from, to, invite, publicKey, encryptedMessage].map(decodeBase64url)));
}

async function exchanged<Value>(value: Value, context: Sealed | Opened): Promise<Exchanged<Value>> {
  return { value, exported: await context.exportSecret(pairContext) };
}
