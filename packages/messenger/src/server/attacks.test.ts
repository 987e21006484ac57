import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { answerChallenge, checkChallenge, decodeBase64url, encodeBase64url, type Response } from "../protocol/index.js";
import { createIdentity, RawClient, randomText, serve } from "./support.test.js";

const flip = (text: string): string => {
  const bytes = decodeBase64url(text);
  bytes[bytes.length >> 1]! ^= 1;
  return encodeBase64url(bytes);
};
const me = await createIdentity(true);
const mallory = await createIdentity(true);

/** One connection, one attempt; each name says what the attacker tries. */
const registrations: Record<string, (response: Response) => unknown> = {
  "another origin": (response) => ({ ...response, origin: "wss://evil.example" }),
  "an origin with a slash": (response) => ({ ...response, origin: `${response.origin}/` }),
  "an origin in capitals": (response) => ({ ...response, origin: response.origin.toUpperCase() }),
  "an origin of http": (response) => ({ ...response, origin: response.origin.replace("ws", "http") }),
  "another fingerprint": (response) => ({ ...response, publicKeySig: mallory.fingerprint }),
  "another public key": (response) => ({ ...response, publicKey: encodeBase64url(mallory.publicKey.bytes) }),
  "another public key with its fingerprint": (response) => ({
    ...{ ...response, publicKeySig: mallory.fingerprint, publicKey: encodeBase64url(mallory.publicKey.bytes) },
  }),
  "a key that is no point": (response) => ({ ...response, publicKey: flip(response.publicKey) }),
  "the same key twice": (response) => {
    const bytes = decodeBase64url(response.publicKey);
    bytes.set(bytes.slice(0, 91), 91);
    return { ...response, publicKey: encodeBase64url(bytes) };
  },
  "a public key of zeros": (response) => ({ ...response, publicKey: encodeBase64url(new Uint8Array(182)) }),
  "a public key that is too short": (response) => ({ ...response, publicKey: randomText(181) }),
  "another timestamp than was signed": (response) => ({ ...response, timestamp: response.timestamp + 1 }),
  "a negative timestamp": (response) => ({ ...response, timestamp: -1 }),
  "a timestamp above 2^53": (response) =>
    JSON.stringify(response).replace(/"timestamp":\d+/, '"timestamp":9007199254740993'),
  "a timestamp as text": (response) => ({ ...response, timestamp: String(response.timestamp) }),
  "a timestamp with a fraction": (response) => ({ ...response, timestamp: response.timestamp + 0.5 }),
  "a changed proof of K": (response) => ({ ...response, encryptedTimestamp: flip(response.encryptedTimestamp) }),
  "no proof of K": ({ encryptedTimestamp: _, ...response }) => response,
  "a proof of K that is too short": (response) => ({ ...response, encryptedTimestamp: randomText(97) }),
  "another suite": (response) => {
    const bytes = decodeBase64url(response.encryptedTimestamp);
    bytes[0] = 2;
    return { ...response, encryptedTimestamp: encodeBase64url(bytes) };
  },
  "a changed signature": (response) => ({ ...response, signature: flip(response.signature) }),
  "a signature of zeros": (response) => ({ ...response, signature: encodeBase64url(new Uint8Array(64)) }),
  "no signature": ({ signature: _, ...response }) => response,
  "padded base64": (response) => ({ ...response, signature: `${response.signature}==` }),
  "stray bits in base64": (response) => ({ ...response, signature: `${response.signature.slice(0, -1)}B` }),
  "another alphabet of base64": (response) => ({ ...response, signature: `+/${response.signature.slice(2)}` }),
  "a lookup before registration": () => ({ type: "lookup", publicKeySig: me.fingerprint }),
  "an envelope before registration": () => ({
    ...{
      type: "msg",
      id: randomText(16),
      from: me.fingerprint,
      to: mallory.fingerprint,
      encryptedMessage: randomText(200),
    },
  }),
  "an ack before registration": () => ({ type: "ack", id: randomText(16), from: me.fingerprint }),
  "registered said by the client": () => ({ type: "registered", registered: true, publicKeySig: me.fingerprint }),
  "no JSON": () => "hello",
  "an array": () => "[]",
  null: () => "null",
  nothing: () => "",
  "a key twice": (response) => `{"type":"response",${JSON.stringify(response).slice(1)}`,
  "a prototype in place of members": (response) => `{"__proto__":${JSON.stringify(response)}}`,
  "more than 4096 bytes": (response) => ({ ...response, more: "x".repeat(4096) }),
};

describe("a registration is refused with 4403", () => {
  for (const [name, attack] of Object.entries(registrations)) {
    it(`with ${name}`, async (t) => {
      const client = await RawClient.open(t, await serve(t));
      const { response } = await client.respond(me);
      client.say(attack(response));
      assert.deepEqual(await client.closed, { code: 4403, reason: "registration refused" });
    });
  }

  it("with the response of another connection", async (t) => {
    const serving = await serve(t);
    const [first, second] = [await RawClient.open(t, serving), await RawClient.open(t, serving)];
    const { response } = await first.respond(me);
    await second.next("challenge");
    second.say(response);
    assert.equal((await second.closed).code, 4403);
  });

  it("with a response that was used on this connection", async (t) => {
    const client = await RawClient.open(t, await serve(t));
    const { response } = await client.respond(me);
    client.say(response);
    await client.next("registered");
    client.say(response);
    assert.equal((await client.closed).code, 4403);
  });

  it("with a second response sent right behind the first", async (t) => {
    const client = await RawClient.open(t, await serve(t));
    const { response } = await client.respond(me);
    client.say(response);
    client.say(response);
    assert.equal((await client.closed).code, 4403);
  });

  it("with the challenge of another server passed on", async (t) => {
    const [honest, evil] = [await serve(t), await serve(t)];
    const victim = await RawClient.open(t, evil);
    const relayed = await RawClient.open(t, honest);
    const challenge = (await relayed.next("challenge")) as never;
    const response = await answerChallenge(challenge, await checkChallenge(challenge), me, victim.origin, Date.now());
    relayed.say(response);
    assert.equal((await relayed.closed).code, 4403);
  });

  it("with a binary message", async (t) => {
    const client = await RawClient.open(t, await serve(t));
    client.session.base.SendBinary(Buffer.alloc(8)).catch(() => {});
    assert.equal((await client.closed).code, 4403);
  });

  it("with a stream", async (t) => {
    const client = await RawClient.open(t, await serve(t));
    client.session.transaction.Stream(Buffer.alloc(8), { streamName: `file/${me.fingerprint}/x` }).catch(() => {});
    assert.equal((await client.closed).code, 4403);
  });

  it("unread after ten refusals in a minute", async (t) => {
    const serving = await serve(t);
    for (let index = 0; index < 10; index++) {
      const client = await RawClient.open(t, serving);
      const { response } = await client.respond(me);
      client.say({ ...response, signature: flip(response.signature) });
      await client.closed;
    }
    const client = await RawClient.open(t, serving);
    client.say((await client.respond(me)).response);
    assert.equal((await client.closed).code, 4403);
  });
});

const envelope = () => ({
  ...{
    type: "msg",
    id: randomText(16),
    from: me.fingerprint,
    to: mallory.fingerprint,
    encryptedMessage: randomText(200),
  },
});

/** What a registered client says, and the code of the answer. The session goes on. */
const messages: Record<string, [unknown, string]> = {
  "from somebody else": [{ ...envelope(), from: mallory.fingerprint, to: me.fingerprint }, "bad-request"],
  "to oneself": [{ ...envelope(), to: me.fingerprint }, "bad-request"],
  "to nobody": [{ ...envelope(), to: randomText(32) }, "unknown-recipient"],
  "a lookup of nobody": [{ type: "lookup", publicKeySig: randomText(32) }, "unknown-recipient"],
  "a lookup of no fingerprint": [{ type: "lookup", publicKeySig: "__proto__" }, "bad-request"],
  "a short id": [{ ...envelope(), id: randomText(15) }, "bad-request"],
  "a long id": [{ ...envelope(), id: randomText(17) }, "bad-request"],
  "an id as number": [{ ...envelope(), id: 1 }, "bad-request"],
  "a padded id": [{ ...envelope(), id: `${randomText(16)}==` }, "bad-request"],
  "a short recipient": [{ ...envelope(), to: randomText(31) }, "bad-request"],
  "markup in a message": [{ ...envelope(), encryptedMessage: "<script>alert(1)</script>" }, "bad-request"],
  "bidi controls in a message": [{ ...envelope(), encryptedMessage: "\u202eabc" }, "bad-request"],
  "no message": [{ ...envelope(), encryptedMessage: undefined }, "bad-request"],
  "a message as object": [{ ...envelope(), encryptedMessage: {} }, "bad-request"],
  "another type": [{ ...envelope(), type: "challenge" }, "bad-request"],
  "a type from the prototype": [{ ...envelope(), type: "toString" }, "bad-request"],
  "members of the prototype": [`{"__proto__":${JSON.stringify(envelope())}}`, "bad-request"],
  "an accept without key": [{ ...envelope(), type: "accept", invite: randomText(16) }, "bad-request"],
  "an accept with a short key": [
    { ...envelope(), type: "accept", invite: randomText(16), publicKey: "AA" },
    "bad-request",
  ],
  "a welcome without invite": [{ ...envelope(), type: "welcome" }, "bad-request"],
  "a request number below zero": [{ ...envelope(), req: -1 }, "bad-request"],
  "a huge request number": [JSON.stringify(envelope()).replace("{", '{"req":1e400,'), "bad-request"],
  "a key twice": [JSON.stringify(envelope()).replace("{", '{"to":"x",'), "bad-request"],
  "an escaped key twice": [JSON.stringify(envelope()).replace("{", '{"\\u0074o":"x",'), "bad-request"],
  "no JSON": ["{", "bad-request"],
  "too much": [{ ...envelope(), more: "x".repeat(4096) }, "too-large"],
  "too much in few characters": [{ ...envelope(), more: "😀".repeat(1000) }, "too-large"],
};

describe("a message is refused, and the session goes on:", () => {
  for (const [name, [message, code]] of Object.entries(messages)) {
    it(name, async (t) => {
      const serving = await serve(t);
      await RawClient.registered(t, serving, mallory);
      const client = await RawClient.registered(t, serving, me);
      client.say(message);
      assert.equal((await client.next("error")).code, code);
      client.say({ type: "lookup", publicKeySig: mallory.fingerprint, req: 7 });
      assert.equal((await client.next("key")).req, 7);
    });
  }
});

describe("a relay", () => {
  it("answers the same envelope again and delivers it once, and calls another one with its id a conflict", async (t) => {
    const serving = await serve(t);
    const [sender, recipient] = [
      await RawClient.registered(t, serving, me),
      await RawClient.registered(t, serving, mallory),
    ];
    const sent = envelope();
    sender.say({ ...sent, req: 1, secret: "not relayed" });
    await sender.next("accepted");
    sender.say({ ...sent, req: 2 });
    await sender.next("accepted");
    sender.say({ ...sent, encryptedMessage: randomText(100) });
    assert.equal((await sender.next("error")).code, "conflict");
    const other = envelope();
    sender.say(other);
    assert.deepEqual(await recipient.next("msg"), sent);
    assert.deepEqual(await recipient.next("msg"), other);
  });

  it("keeps what another pretends to have received", async (t) => {
    const serving = await serve(t);
    await RawClient.registered(t, serving, mallory).then(({ session }) => session.Close("gone"));
    const sender = await RawClient.registered(t, serving, me);
    const sent = envelope();
    sender.say(sent);
    await sender.next("accepted");
    sender.say({ type: "ack", id: sent.id, from: me.fingerprint });
    const recipient = await RawClient.registered(t, serving, mallory);
    assert.equal((await recipient.next("msg")).id, sent.id);
    recipient.say({ type: "ack", id: sent.id, from: mallory.fingerprint });
    recipient.session.Destroy();
    const again = await RawClient.registered(t, serving, mallory);
    assert.equal((await again.next("msg")).id, sent.id);
  });

  it("refuses what comes faster than 60 at once and 20 a second", async (t) => {
    const serving = await serve(t);
    await RawClient.registered(t, serving, mallory).then(({ session }) => session.Close("gone"));
    const sender = await RawClient.registered(t, serving, me);
    const answers: string[] = [];
    for (let req = 0; req < 90; req++) sender.say({ ...envelope(), req });
    for (let index = 0; index < 20; index++) answers.push(String((await sender.next("error")).code));
    assert.ok(answers.every((code) => code === "rate-limited"));
  });

  it("ends the connection that the same identity had before with 4409", async (t) => {
    const serving = await serve(t);
    const first = await RawClient.registered(t, serving, me);
    await RawClient.registered(t, serving, me);
    assert.deepEqual(await first.closed, { code: 4409, reason: "replaced" });
  });
});
