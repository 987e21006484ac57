import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { createIdentity, encodeBase64url, formatLink, inviteBytes, secretBytes } from "../protocol/index.js";
import { MemoryStore } from "./memory-store.js";
import { Messenger } from "./messenger.js";
import { type ScriptedSession, scriptedWorld, settled } from "./support.test.js";

const unknown = { type: "error", code: "unknown-recipient" };

const inviteOf = (number: number) => encodeBase64url(new Uint8Array(inviteBytes).fill(number));

/** A guest on line with a link in hand, whose maker the server may not know. */
async function setUp() {
  const { world, clock, sessions } = scriptedWorld();
  const inviter = await createIdentity(true);
  const store = new MemoryStore();
  const guest = await Messenger.open({ store, world });
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
  /** Accepts the inviter's link of this number. */
  const accept = async (lifetimeMs: number, number = 0) => {
    const invite = inviteOf(number);
    const secret = new Uint8Array(secretBytes).fill(number);
    const expiry = clock.now() + lifetimeMs;
    await guest.accept(formatLink("https://chat.example/", { inviter: inviter.fingerprint, invite, secret, expiry }));
    await settled();
  };
  const { fingerprint: publicKeySig, publicKey } = inviter;
  const key = { type: "key", publicKeySig, publicKey: encodeBase64url(publicKey.bytes) };
  guest.start();
  return { guest, store, inviter, key, clock, sessions, online, answer, pass, accept };
}

describe("an inviter whom the server does not know yet", () => {
  it("is looked up again, less and less often, and answered as soon as it is known", async () => {
    const { guest, inviter, key, clock, online, answer, pass, accept } = await setUp();
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
    await answer(session, key);
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

describe("a second link of the same inviter", () => {
  it("is the one that is answered, also where the first is being looked up", async () => {
    const { guest, inviter, key, online, answer, accept } = await setUp();
    const session = await online();
    await accept(3_600_000, 1);
    await accept(3_600_000, 2);
    const said = once(session, "said");
    assert.equal(session.said.length, 1, "the inviter is looked up once");
    await answer(session, key);
    await said;
    const { type, invite } = session.said.at(-1)!;
    assert.deepEqual([type, invite], ["accept", inviteOf(2)]);
    assert.equal(guest.contact(inviter.fingerprint)!.pending!.invite, inviteOf(2));
    await guest.close();
  });
});

describe("an answer to an invitation", () => {
  /** Accepts a link of an inviter who is known. */
  async function answered() {
    const all = await setUp();
    const session = await all.online();
    /** The next envelope, once the inviter was looked up. */
    const envelope = async () => {
      const said = once(session, "said");
      await all.answer(session, all.key);
      await said;
      return session.said.at(-1)!;
    };
    const refuse = async ({ id, req }: Readonly<Record<string, unknown>>, code: string) => {
      session.says({ type: "error", code, id, req });
      await settled();
    };
    await all.accept(3_600_000);
    return { ...all, session, envelope, refuse };
  }

  for (const code of ["conflict", "unknown-recipient"]) {
    it(`that the server refuses for good (${code}) is made anew after a while`, async () => {
      const { guest, store, session, envelope, refuse, pass } = await answered();
      const first = await envelope();
      await refuse(first, code);
      assert.equal(guest.waiting, 0);
      assert.deepEqual(await store.list("replyKeys"), []);
      const before = session.said.length;
      await pass(999);
      assert.equal(session.said.length, before);
      await pass(1);
      const second = await envelope();
      assert.deepEqual([first.type, second.type], ["accept", "accept"]);
      assert.deepEqual([second.to, second.invite], [first.to, first.invite]);
      assert.notEqual(second.id, first.id);
      await guest.close();
    });
  }

  it("that waits is not sent any more once the invitation is forgotten, and nothing of it is kept", async () => {
    const { guest, store, inviter, session, envelope, refuse, pass } = await answered();
    await refuse(await envelope(), "mailbox-full");
    await guest.dismiss(inviter.fingerprint);
    assert.deepEqual([guest.contacts, guest.waiting], [[], 0]);
    for (const table of ["contacts", "replyKeys", "outbox"] as const) assert.deepEqual(await store.list(table), []);
    const before = session.said.length;
    await pass(60_000);
    assert.equal(session.said.length, before);
    await guest.close();
  });

  it("that is under way when the invitation is forgotten does not take the next one's place", async () => {
    const { guest, inviter, key, session, envelope, accept, answer } = await answered();
    const first = await envelope();
    await guest.dismiss(inviter.fingerprint);
    await accept(3_600_000, 2);
    const sealed = new Promise<void>((resolve) => {
      guest.on("contact", ({ pending }) => pending?.accept != null && resolve());
    });
    await answer(session, key);
    await sealed;
    const said = once(session, "said");
    session.says({ type: "accepted", id: first.id, req: first.req });
    await said;
    const { type, invite } = session.said.at(-1)!;
    assert.deepEqual([type, invite], ["accept", inviteOf(2)]);
    await guest.close();
  });
});
