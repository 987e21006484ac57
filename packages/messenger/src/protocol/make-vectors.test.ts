import { createECDH, createHash } from "node:crypto";
import {
  type AcceptEnvelope,
  answerChallenge,
  type Body,
  type Challenge,
  checkChallenge,
  checkResponse,
  concat,
  createChallenge,
  decodeBase64url,
  encodeBase64url,
  exportKeys,
  formatLink,
  type Identity,
  identityOf,
  importHpkeKeys,
  importPoint,
  importSigningKeys,
  invitePsk,
  type Jwk,
  lp,
  openAccept,
  openFile,
  openText,
  openWelcome,
  packGreeting,
  packPlaintext,
  pairPsk,
  prevHashBytes,
  type Response,
  safetyNumber,
  sealAccept,
  sealFile,
  sealText,
  sealWelcome,
  sha256,
  type TextEnvelope,
  unpackPlaintext,
  type WelcomeEnvelope,
} from "./index.js";
import { fileRecordBytes } from "./limits.js";
import { noBinding, registrationTranscript } from "./registration.js";

// Makes the vectors from a clock that stands and from bytes that follow from names. Contains no test itself.

interface VectorKeys {
  readonly k: Jwk;
  readonly g: Jwk;
  readonly publicKey: string;
  readonly fingerprint: string;
}

export type Vectors = Awaited<ReturnType<typeof makeVectors>>;

const now = 1_767_225_600_000;
const origin = "wss://chat.example";
const inviterName = "Alice";
const guestName = "Bob ☂";

/** Bytes that follow from a name, in place of random ones. */
function fixed(name: string, length = 32): Uint8Array {
  return Uint8Array.from(createHash("sha512").update(name).digest()).subarray(0, length);
}

const text = (name: string, length: number): string => encodeBase64url(fixed(name, length));

function keyOf(name: string): Jwk & { readonly d: string } {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(fixed(name));
  const point = ecdh.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(encodeBase64url) as [string, string];
  return { kty: "EC", crv: "P-256", x, y, d: text(name, 32) };
}

async function person(name: string): Promise<{ readonly identity: Identity; readonly vector: VectorKeys }> {
  const [k, g] = [keyOf(`${name} K`), keyOf(`${name} G`)];
  const identity = await identityOf(await importHpkeKeys(k, true), await importSigningKeys(g, true));
  const { publicKey, fingerprint } = identity;
  return { identity, vector: { k, g, publicKey: encodeBase64url(publicKey.bytes), fingerprint } };
}

const replyKeyOf = async (name: string) => {
  const jwk = keyOf(name);
  const point = concat(Uint8Array.of(4), decodeBase64url(jwk.x!), decodeBase64url(jwk.y!));
  return { jwk, pair: await importHpkeKeys(jwk, true), id: fixed(`${name} id`, 8), point };
};

const people = { server: await person("server"), alice: await person("alice"), bob: await person("bob") };
const [aliceReply, bobReply] = [await replyKeyOf("alice reply"), await replyKeyOf("bob reply")];
const [server, alice, bob] = [people.server.identity, people.alice.identity, people.bob.identity];

/** @param golden whose signatures are taken over: ECDSA signs the same bytes differently each time */
export async function makeVectors(
  golden: { readonly registration: { challenge: Challenge; response: Response } } | null,
) {
  return {
    about:
      "Made from fixed clock and randomness; bytes are base64url. ECDSA signatures are examples: another is as good.",
    keys: Object.fromEntries(Object.entries(people).map(([name, { vector }]) => [name, vector])),
    lp: encodeBase64url(lp("a", 1, Uint8Array.of(2, 3), "")),
    registration: await makeRegistration(golden?.registration ?? null),
    ...(await makeInvitation()),
    messages: await makeMessages(),
    storedKeys: await makeStoredKeys(),
    files: await makeFiles(),
    safetyNumber: await safetyNumber(alice.fingerprint, bob.fingerprint),
    frames: makeFrames(),
  };
}

async function makeRegistration(golden: { challenge: Challenge; response: Response } | null) {
  const fresh = await createChallenge(server, fixed("nonce"), fixed("connection", 16), now);
  const challenge = golden === null ? fresh : { ...fresh, sig: golden.challenge.sig };
  const key = await checkChallenge(challenge);
  const answered = await answerChallenge(challenge, key, bob, origin, now + 5, noBinding, fixed("registration"));
  const response = golden === null ? answered : { ...answered, signature: golden.response.signature };
  await checkResponse(response, challenge, server);
  const transcript = registrationTranscript(challenge, bob.publicKey.bytes, origin, now + 5, noBinding);
  return { challenge, response, ephemeralSeed: text("registration", 32), transcript: encodeBase64url(transcript) };
}

const link = {
  inviter: alice.fingerprint,
  invite: text("invite", 16),
  secret: fixed("secret"),
  expiry: now + 86_400_000,
};
const guestGreeting = { replyKeyId: bobReply.id, replyKey: bobReply.point, name: guestName };
const inviterGreeting = { replyKeyId: aliceReply.id, replyKey: aliceReply.point, name: inviterName };

async function makeInvitation() {
  const psk = await invitePsk(link);
  const terms = { invite: link.invite, expiry: link.expiry, psk };
  const out = { id: text("accept id", 16), from: bob.fingerprint, to: alice.fingerprint };
  const sealed = await sealAccept(guestGreeting, out, bob.k, alice.publicKey.k, terms, fixed("accept"));
  const accept: AcceptEnvelope = {
    ...{ type: "accept", ...out, invite: link.invite },
    ...{ publicKey: people.bob.vector.publicKey, encryptedMessage: sealed.value },
  };
  const back = { id: text("welcome id", 16), from: alice.fingerprint, to: bob.fingerprint };
  const guest = { replyKeyId: bobReply.id, replyKey: await importPoint(bobReply.point) };
  const answer = await sealWelcome(inviterGreeting, back, alice.k, guest, accept, terms, fixed("welcome"));
  const welcome: WelcomeEnvelope = { type: "welcome", ...back, invite: link.invite, encryptedMessage: answer.value };
  const pair = await pairPsk(terms, sealed.exported, answer.exported, alice.fingerprint, bob.fingerprint);
  return {
    link: { link: formatLink("https://chat.example/", link), psk: encodeBase64url(psk) },
    greeting: { name: guestName, bytes: encodeBase64url(packGreeting(guestGreeting)) },
    invitation: {
      ...{ accept, acceptSeed: text("accept", 32), acceptExport: encodeBase64url(sealed.exported) },
      ...{ welcome, welcomeSeed: text("welcome", 32), welcomeExport: encodeBase64url(answer.exported) },
      pairPsk: encodeBase64url(pair),
    },
  };
}

const bodies: readonly Body[] = [
  { kind: "receipt" },
  { kind: "text", text: "hello ☂ <b>\u202e" },
  { kind: "text", text: "x".repeat(2600) },
  { kind: "read", upTo: 2 ** 53 - 1 },
  { kind: "part", group: text("group", 8), index: 1, count: 3, text: "second" },
  { kind: "file", id: text("file", 16), key: fixed("file key"), size: 70_001, name: "a/b.txt" },
];

/** Every layout, without and with a reply key, each sealed. */
async function makeMessages() {
  const recipient = { replyKeyId: aliceReply.id, replyKey: await importPoint(aliceReply.point) };
  const sealed: {
    body: string;
    replyKey: boolean;
    plaintext: string;
    ephemeralSeed: string;
    envelope: TextEnvelope;
  }[] = [];
  let prevHash = new Uint8Array(prevHashBytes);
  for (const [n, body] of bodies.flatMap((each) => [each, each]).entries()) {
    const replyKey = n % 2 === 0 ? null : { id: bobReply.id, point: bobReply.point };
    const receipts = { ackHigh: n * 3, ackBits: n === 0 ? 0n : 2n ** 63n + BigInt(n) };
    const plaintext = packPlaintext({ n, sentAt: now + n, body, replyKey, prevHash, ...receipts });
    prevHash = (await sha256(plaintext)).slice(0, prevHashBytes) as typeof prevHash;
    const addresses = { id: text(`message ${n}`, 16), from: bob.fingerprint, to: alice.fingerprint };
    const seed = `message ${n} seed`;
    const encryptedMessage = await sealText(plaintext, addresses, bob.k, recipient, fixed("pair"), fixed(seed));
    sealed.push({
      ...{ body: body.kind, replyKey: replyKey !== null, plaintext: encodeBase64url(plaintext) },
      ...{ ephemeralSeed: text(seed, 32), envelope: { type: "msg", ...addresses, encryptedMessage } },
    });
  }
  return { pairPsk: text("pair", 32), replyKeys: { alice: aliceReply.jwk, bob: bobReply.jwk }, sealed };
}

/** Keys as a store keeps them that cannot hold keys themselves. */
async function makeStoredKeys() {
  return { k: await exportKeys(alice.k), g: await exportKeys(alice.g), replyKey: await exportKeys(aliceReply.pair) };
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}

async function whole(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return concat(...parts);
}

/** Too large for the file of vectors: made again where it is needed. */
export function sealTwoRecords(): Promise<Uint8Array> {
  return whole(sealFile(fixed("file key"), chunks(new Uint8Array(fileRecordBytes + 1).fill(7))));
}

async function makeFiles() {
  const sealed = async (size: number) => whole(sealFile(fixed("file key"), chunks(new Uint8Array(size).fill(7))));
  return {
    key: text("file key", 32),
    empty: encodeBase64url(await sealed(0)),
    short: encodeBase64url(await sealed(20)),
    twoRecordsSha256: encodeBase64url(await sha256(await sealTwoRecords())),
  };
}

function makeFrames() {
  const frame = (name: string, from: "client" | "server", message: object) => {
    return { name, from, text: JSON.stringify(message) };
  };
  const id = text("frame id", 16);
  const addressed = { id, from: bob.fingerprint, to: alice.fingerprint };
  const blob = text("blob", 60);
  const { publicKey, fingerprint: publicKeySig } = people.alice.vector;
  return [
    frame("a lookup", "client", { type: "lookup", publicKeySig, req: 0 }),
    frame("an ack", "client", { type: "ack", id, from: bob.fingerprint }),
    frame("a message", "client", { type: "msg", ...addressed, encryptedMessage: blob, req: 2 ** 53 - 1 }),
    frame("a message that waited", "server", { type: "msg", ...addressed, encryptedMessage: blob }),
    frame("an accept", "client", { type: "accept", ...addressed, invite: id, publicKey, encryptedMessage: blob }),
    frame("a welcome", "server", { type: "welcome", ...addressed, invite: id, encryptedMessage: blob }),
    frame("a key", "server", { type: "key", publicKeySig, publicKey, req: 1 }),
    frame("accepted", "server", { type: "accepted", id, req: 7 }),
    frame("registered", "server", { type: "registered", registered: true, publicKeySig, skewMs: -3, queued: 500 }),
    frame("a refusal", "server", { type: "error", code: "rate-limited" }),
  ];
}

interface Opening {
  readonly sealed: string;
  readonly expected: unknown;
  open(): Promise<unknown>;
  openOther(bytes: Uint8Array): Promise<unknown>;
}

/** What the recipient of a sealed message reads. */
export async function openMessage(envelope: TextEnvelope) {
  return unpackPlaintext(await openText(envelope, aliceReply.pair, bob.publicKey.k, fixed("pair")));
}

/** The sealed things of the vectors, and how their recipient opens them. */
export async function openVectors({ registration, invitation, messages, files }: Vectors) {
  const { challenge, response } = registration;
  const message = messages.sealed.find(({ body, replyKey }) => body === "text" && replyKey)!;
  const terms = { invite: link.invite, expiry: link.expiry, psk: await invitePsk(link) };
  const opening = (sealed: string, expected: unknown, openOther: Opening["openOther"]): Opening => {
    return { sealed, expected, openOther, open: () => openOther(decodeBase64url(sealed)) };
  };
  const withBytes = <Envelope extends object>(envelope: Envelope, bytes: Uint8Array) => {
    return { ...envelope, encryptedMessage: encodeBase64url(bytes) };
  };
  return {
    "signature of a challenge": opening(challenge.sig, people.server.vector.publicKey, async (sig) => {
      return encodeBase64url((await checkChallenge({ ...challenge, sig: encodeBase64url(sig) })).bytes);
    }),
    "proof of K": opening(response.encryptedTimestamp, people.bob.vector.publicKey, async (bytes) => {
      const changed = { ...response, encryptedTimestamp: encodeBase64url(bytes) };
      return encodeBase64url((await checkResponse(changed, challenge, server)).bytes);
    }),
    "proof of G": opening(response.signature, people.bob.vector.publicKey, async (bytes) => {
      const changed = { ...response, signature: encodeBase64url(bytes) };
      return encodeBase64url((await checkResponse(changed, challenge, server)).bytes);
    }),
    accept: opening(invitation.accept.encryptedMessage, guestGreeting, async (bytes) => {
      return (await openAccept(withBytes(invitation.accept, bytes), alice.k, bob.publicKey.k, terms)).value;
    }),
    welcome: opening(invitation.welcome.encryptedMessage, inviterGreeting, async (bytes) => {
      const envelope = withBytes(invitation.welcome, bytes);
      const guest = { replyKeyId: bobReply.id, replyKey: bobReply.pair };
      return (await openWelcome(envelope, guest, alice.publicKey.k, invitation.accept, terms)).value;
    }),
    message: opening(message.envelope.encryptedMessage, unpackPlaintext(decodeBase64url(message.plaintext)), (bytes) =>
      openMessage(withBytes(message.envelope, bytes)),
    ),
    "short file": opening(files.short, new Uint8Array(20).fill(7), (bytes) => {
      return whole(openFile(fixed("file key"), chunks(bytes)));
    }),
    "empty file": opening(files.empty, new Uint8Array(), (bytes) => whole(openFile(fixed("file key"), chunks(bytes)))),
  } satisfies Record<string, Opening>;
}
