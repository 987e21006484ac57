import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, servePages } from "browser-testing";
import { ivOf, KeyPair, sealWith } from "./cale-by-hand.js";
import { CryoClientRig } from "./cryo-client-rig.js";
import type { CryoPeer } from "./cryo-peer.js";
import { token } from "./rig.js";
import { payloadCanary } from "./secrets.js";

// What cale-record-attacks.test.ts does to ends on Node, done to pages: their cryptography takes waiting, and is another.

const bundle = "/packages/cryo-client-browser/dist/bundle/cryo-client-browser.js";

/** What a page notes of its session, for the test to ask for. */
interface Noted {
  readonly heard: string[];
  readonly end: Promise<readonly unknown[]>;
}

/** The part of the client that is used here. */
interface Client {
  cryo(host: string, token: string, options: object): Promise<Session>;
}

interface Session {
  on(event: string, listener: (...args: readonly unknown[]) => void): void;
  SendUTF8(text: string): Promise<boolean>;
}

const record = (peer: CryoPeer): Buffer => peer.seal(peer.make.utf8(1, payloadCanary));
const someKey = (): Buffer => new KeyPair().publicKey;

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

const attacks: readonly (readonly [what: string, messages: (peer: CryoPeer) => readonly (Buffer | string)[]])[] = [
  ["a text in the clear", (peer) => [peer.make.utf8(1, payloadCanary)]],
  ["an ACK in the clear", (peer) => [peer.make.ack(0)]],
  ["HANDSHAKE_DONE once more", (peer) => [peer.make.done(0)]],
  ["a WebSocket text message", () => ["hello"]],
  ["an empty message", () => [Buffer.alloc(0)]],
  ["a record of 48 bytes", (peer) => [peer.seal(peer.make.utf8(1, "").subarray(0, 20))]],
  ["a bit changed in the encrypted text", (peer) => [flipped(record(peer), 33)]],
  ["a bit changed in the counter", (peer) => [flipped(record(peer), 11)]],
  ["a tag cut to 4 bytes", (peer) => [record(peer).subarray(0, -12)]],
  ["a record under the key of the other direction", (peer) => [sealWith(peer.keys.receive, ivOf(9), record(peer))]],
  [
    "an iv with a 64-bit counter, honestly sealed",
    (peer) => {
      const iv = Buffer.concat([Buffer.alloc(7), Buffer.of(1, 0, 0, 0, 9)]);
      return [sealWith(peer.keys.send, iv, peer.make.utf8(1, payloadCanary))];
    },
  ],
  ["another message under a counter that was used", (peer) => [peer.seal(peer.make.utf8(1, payloadCanary), 0)]],
  ["another session's id in a record", (peer) => [peer.seal(flipped(peer.make.utf8(1, payloadCanary), 0))]],
  ["a SERVER_HELLO in a record", (peer) => [peer.seal(peer.make.serverHello(1, someKey()))]],
];

for (const [kind, secure] of [
  ["by WebCrypto", true],
  ["by @noble", false],
] as const) {
  test(`a page that encrypts ${kind} refuses what is no record of its peer: 4011`, async (t) => {
    const rig = await CryoClientRig.start(t);
    const pages = await servePages(t);
    const origin = secure ? pages.origin : `http://insecure.test:${pages.port}`;
    const page = await openPage(t, { server: { ...pages, origin } });

    /** A session in the page; what it hears is asked for by `outcome`. */
    const connect = () =>
      page.evaluate(
        async ({ bundle, host, token }) => {
          const { cryo } = (await import(bundle)) as Client;
          const session = await cryo(host, token, { use_cale: true, reconnect: false });
          const heard: string[] = [];
          for (const event of ["secure", "message-utf8", "message-binary", "message-error"]) {
            session.on(event, (text) => heard.push(`${event} ${text ?? ""}`));
          }
          const errors: string[] = [];
          session.on("error", (error) => errors.push(String(error)));
          const end = new Promise<readonly unknown[]>((resolve) => {
            session.on("closed", (code, reason) => resolve([code, reason, ...errors]));
          });
          Object.assign(globalThis, { noted: { heard, end }, session });
        },
        { bundle, host: rig.host, token },
      );
    const outcome = () =>
      page.evaluate(async () => {
        const { heard, end } = (globalThis as unknown as { noted: Noted }).noted;
        return { end: await end, heard };
      });

    for (const [what, messages] of attacks) {
      await t.test(what, async () => {
        await connect();
        const peer = await rig.nextPeer();
        await peer.connected();
        await peer.takeAck(peer.utf8("before"));
        for (const message of messages(peer)) peer.send(message);
        peer.send(peer.seal(peer.make.utf8(9, "after")));
        assert.equal((await peer.ended()).code, 4011);
        const { end, heard } = await outcome();
        assert.deepEqual(end, [4011, "CALE failed", "CaleError: CALE failed"]);
        assert.deepEqual(heard, ["secure ", "message-utf8 before"]);
      });
    }
  });

  test(`a page that encrypts ${kind} refuses a hello that is no key, and tells nothing`, async (t) => {
    const rig = await CryoClientRig.start(t, { shakesHands: false });
    const pages = await servePages(t);
    const origin = secure ? pages.origin : `http://insecure.test:${pages.port}`;
    const page = await openPage(t, { server: { ...pages, origin } });
    for (const [what, key] of [
      ["a point off the curve", flipped(someKey(), 64)],
      ["65 zero bytes", Buffer.alloc(65)],
      ["the hybrid form", new KeyPair().encoded("hybrid")],
      ["the compressed form", new KeyPair().encoded("compressed")],
    ] as const) {
      await t.test(what, async () => {
        const told = page.evaluate(
          async ({ bundle, host, token, canary }) => {
            const { cryo } = (await import(bundle)) as Client;
            const session = await cryo(host, token, { use_cale: true, reconnect: false });
            const closed = new Promise((resolve) => session.on("closed", resolve));
            const sent = session.SendUTF8(canary).catch((error: Error) => error.name);
            return [await closed, await sent];
          },
          { bundle, host: rig.host, token, canary: payloadCanary },
        );
        const peer = await rig.nextPeer();
        peer.hello(key);
        assert.equal((await peer.ended()).code, 4011);
        assert.deepEqual(await told, [4011, "SessionClosedError"]);
        assert.ok(!peer.messages.some((message) => message.includes(payloadCanary)));
      });
    }
  });
}
