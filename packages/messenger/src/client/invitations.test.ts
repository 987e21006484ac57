import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { createIdentity, encodeBase64url, formatLink, inviteBytes, secretBytes } from "../protocol/index.js";
import { MemoryStore } from "./memory-store.js";
import { Messenger } from "./messenger.js";
import { type ScriptedSession, scriptedWorld, settled } from "./support.test.js";

const unknown = { type: "error", code: "unknown-recipient" };

/** A guest on line with a link in hand, whose maker the server may not know. */
async function setUp() {
  const { world, clock, sessions } = scriptedWorld();
  const inviter = await createIdentity(true);
  const guest = await Messenger.open({ store: new MemoryStore(), world });
  /** The guest's connection, once it is registered. */
  const online = async (): Promise<ScriptedSession> => {
    await settled();
    const session = sessions.at(-1)!;
    session.registers(guest.fingerprint);
    await settled();
    return session;
  };
  /** Answers the last lookup. */
  const answer = async (session: ScriptedSession, message: Readonly<Record<string, unknown>>) => {
    const { type, publicKeySig, req } = session.said.at(-1)!;
    assert.deepEqual([type, publicKeySig], ["lookup", inviter.fingerprint]);
    session.says({ ...message, req });
    await settled();
  };
  const pass = async (ms: number) => {
    clock.pass(ms);
    await settled();
  };
  const accept = async (lifetimeMs: number) => {
    const [invite, secret] = [encodeBase64url(new Uint8Array(inviteBytes)), new Uint8Array(secretBytes)];
    const expiry = clock.now() + lifetimeMs;
    await guest.accept(formatLink("https://chat.example/", { inviter: inviter.fingerprint, invite, secret, expiry }));
    await settled();
  };
  guest.start();
  return { guest, inviter, clock, sessions, online, answer, pass, accept };
}

describe("an inviter whom the server does not know yet", () => {
  it("is looked up again, less and less often, and answered as soon as it is known", async () => {
    const { guest, inviter, clock, online, answer, pass, accept } = await setUp();
    const session = await online();
    await accept(3_600_000);
    for (const waitMs of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      await answer(session, unknown);
      const before = session.said.length;
      await pass(waitMs - 1);
      assert.equal(session.said.length, before);
      await pass(1);
      assert.equal(session.said.length, before + 1, `looked up again after ${waitMs} ms`);
    }
    const answered = once(session, "said");
    const [publicKeySig, publicKey] = [inviter.fingerprint, encodeBase64url(inviter.publicKey.bytes)];
    await answer(session, { type: "key", publicKeySig, publicKey });
    await answered;
    const { type, to } = session.said.at(-1)!;
    assert.deepEqual([type, to], ["accept", inviter.fingerprint]);
    await guest.close();
    assert.equal(clock.timers.size, 0);
  });

  it("is looked up at once on the next connection and with the next link, and never without a connection", async () => {
    const { guest, clock, sessions, online, answer, pass, accept } = await setUp();
    const first = await online();
    await accept(3_600_000);
    await answer(first, unknown);
    first.emit("closed", 1006, "");
    await pass(500);
    assert.deepEqual([first.said.length, sessions.length], [1, 2]);
    assert.equal(clock.timers.size, 1, "what is left is the time to register");
    const second = await online();
    await answer(second, unknown);
    await pass(1000);
    await answer(second, unknown);
    await accept(3_600_000);
    await answer(second, unknown);
    assert.equal(second.said.length, 3);
    await pass(1000);
    assert.equal(second.said.length, 4);
    await guest.close();
    assert.equal(clock.timers.size, 0);
  });

  it("is no longer looked up once the invitation is over", async () => {
    const { guest, clock, online, answer, pass, accept } = await setUp();
    const session = await online();
    await accept(1000);
    await answer(session, unknown);
    await pass(1000);
    await answer(session, unknown);
    assert.equal(clock.timers.size, 0);
    await guest.close();
  });
});
