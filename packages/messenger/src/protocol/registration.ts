import { decodeBase64url, encodeBase64url } from "./base64url.js";
import { concat, equal, lp, u64 } from "./bytes.js";
import { CannotOpenError, MalformedError } from "./errors.js";
import { sha256 } from "./hash.js";
import { open, seal, suiteByte } from "./hpke.js";
import type { Identity } from "./identity.js";
import type { Challenge, Response } from "./messages.js";
import { fingerprintOf, type PublicKey, parsePublicKey } from "./public-key.js";
import { sign, verify } from "./signature.js";

/** The version of the protocol that this is. */
export const protocolVersion = 1;

/** On connections without CALE: nothing to bind to. */
export const noBinding = new Uint8Array(32);

/**
 * A server's challenge. Its K is fresh for the connection, its G is who the server is.
 *
 * @param nonce 32 bytes that nobody can guess
 * @param connId 16 bytes that tell this connection from all others
 */
export async function createChallenge(
  server: Identity,
  nonce: Uint8Array,
  connId: Uint8Array,
  timestamp: number,
): Promise<Challenge> {
  const signed = challengeBytes(protocolVersion, server.publicKey.bytes, timestamp, nonce, connId);
  return {
    type: "challenge",
    v: protocolVersion,
    publicKey: encodeBase64url(server.publicKey.bytes),
    timestamp,
    nonce: encodeBase64url(nonce),
    connId: encodeBase64url(connId),
    sig: encodeBase64url(await sign(server.g, signed)),
  };
}

/**
 * Checks that a challenge was made by whom it names.
 *
 * @returns the server's public key, whose G is to be compared with the one that is known
 * @throws {MalformedError} for another version, a key that is none, or a signature of somebody else
 */
export async function checkChallenge(challenge: Challenge): Promise<PublicKey> {
  if (challenge.v !== protocolVersion) throw new MalformedError(`the server speaks version ${challenge.v}, not 1`);
  const publicKey = await parsePublicKey(decodeBase64url(challenge.publicKey));
  const { nonce, connId } = challenge;
  const signed = challengeBytes(
    challenge.v,
    publicKey.bytes,
    challenge.timestamp,
    decodeBase64url(nonce),
    decodeBase64url(connId),
  );
  if (!(await verify(publicKey.g, decodeBase64url(challenge.sig), signed))) {
    throw new MalformedError("a challenge is not signed by the server that it names");
  }
  return publicKey;
}

/**
 * A client's answer: it has both keys, it means this server, this connection, this origin.
 *
 * @param server as `checkChallenge` gave it
 * @param origin as dialled: `new URL(url).origin`
 */
export async function answerChallenge(
  challenge: Challenge,
  server: PublicKey,
  client: Identity,
  origin: string,
  timestamp: number,
  binding: Uint8Array = noBinding,
  ephemeralSeed?: Uint8Array,
): Promise<Response> {
  const transcript = registrationTranscript(challenge, client.publicKey.bytes, origin, timestamp, binding);
  const { bytes } = await seal(
    timestamps(challenge, timestamp),
    client.k,
    server.k,
    { info: await sha256(transcript) },
    ephemeralSeed,
  );
  const encryptedTimestamp = concat(Uint8Array.of(suiteByte), bytes);
  return {
    type: "response",
    origin,
    publicKey: encodeBase64url(client.publicKey.bytes),
    publicKeySig: client.fingerprint,
    timestamp,
    encryptedTimestamp: encodeBase64url(encryptedTimestamp),
    signature: encodeBase64url(await sign(client.g, await signedByClient(transcript, encryptedTimestamp))),
  };
}

/**
 * Checks both proofs of a response.
 *
 * @param server with the K that was made for this connection
 * @throws {MalformedError | CannotOpenError} for a fingerprint of another key, or a proof that fails
 */
export async function checkResponse(
  response: Response,
  challenge: Challenge,
  server: Identity,
  binding: Uint8Array = noBinding,
): Promise<PublicKey> {
  const publicKey = await parsePublicKey(decodeBase64url(response.publicKey));
  if ((await fingerprintOf(publicKey.bytes)) !== response.publicKeySig) {
    throw new MalformedError("a fingerprint is that of another key");
  }
  const transcript = registrationTranscript(challenge, publicKey.bytes, response.origin, response.timestamp, binding);
  const encryptedTimestamp = decodeBase64url(response.encryptedTimestamp);
  if (encryptedTimestamp[0] !== suiteByte) throw new MalformedError("a suite that is not known");
  const signed = await signedByClient(transcript, encryptedTimestamp);
  if (!(await verify(publicKey.g, decodeBase64url(response.signature), signed))) {
    throw new MalformedError("a response is not signed by its key");
  }
  const { plaintext } = await open("a response", encryptedTimestamp.subarray(1), server.k, publicKey.k, {
    info: await sha256(transcript),
  });
  if (!equal(plaintext, timestamps(challenge, response.timestamp))) throw new CannotOpenError("a response");
  return publicKey;
}

function challengeBytes(
  v: number,
  publicKey: Uint8Array,
  timestamp: number,
  nonce: Uint8Array,
  connId: Uint8Array,
): Uint8Array {
  return lp("smp-chal/1", v, publicKey, timestamp, nonce, connId);
}

/** TR: all that both ends must have seen alike. */
export function registrationTranscript(
  challenge: Challenge,
  clientPublicKey: Uint8Array,
  origin: string,
  timestamp: number,
  binding: Uint8Array,
): Uint8Array {
  return lp(
    "smp-reg/1",
    origin,
    decodeBase64url(challenge.connId),
    decodeBase64url(challenge.nonce),
    decodeBase64url(challenge.publicKey),
    challenge.timestamp,
    clientPublicKey,
    timestamp,
    binding,
  );
}

function timestamps(challenge: Challenge, timestamp: number): Uint8Array {
  return concat(u64(challenge.timestamp), u64(timestamp));
}

async function signedByClient(transcript: Uint8Array, encryptedTimestamp: Uint8Array): Promise<Uint8Array> {
  return lp("smp-reg-sig/1", await sha256(concat(transcript, encryptedTimestamp)));
}
