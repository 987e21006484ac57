import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import {
  type Change,
  type ClientSession,
  type ClientWorld,
  MemoryStore,
  Messenger,
  MessengerError,
} from "../client/index.js";
import { FileStore } from "./file-store.js";
import { nodeWorld } from "./open.js";
import { atTheEnd, folder, next, person, serve } from "./support.test.js";

const senders = 4;
const each = 50;
const total = senders * each;

/** A file that keeps messages in so many transactions and then no more, as if the process had ended there. */
class MortalStore extends FileStore {
  /** How many messages each transaction brought. */
  readonly kept: number[] = [];
  transactions = Number.POSITIVE_INFINITY;

  override async apply(changes: readonly Change[]): Promise<void> {
    const messages = changes.filter(({ table }) => table === "messages").length;
    if (messages > 0 && this.kept.length >= this.transactions) throw new MessengerError("STORE", "it has ended");
    await super.apply(changes);
    if (messages > 0) this.kept.push(messages);
  }
}

/** A world whose sessions bring messages when all of them are there, and tell of each that is acknowledged. */
function heldBack(world: ClientWorld, messages: number, acknowledged: () => void): ClientWorld {
  const hold = (listener: (text: string) => void) => {
    const held: string[] = [];
    return (text: string) => {
      if (JSON.parse(text).type !== "msg") listener(text);
      else if (held.push(text) === messages) for (const each of held) listener(each);
    };
  };
  return {
    ...world,
    async connect(signal) {
      const session = await world.connect(signal);
      return {
        transaction: session.transaction,
        base: {
          SendUTF8(text: string) {
            if (JSON.parse(text).type === "ack") acknowledged();
            return session.base.SendUTF8(text);
          },
        },
        on: (event: string, listener: never) =>
          event === "message-utf8" ? session.on(event, hold(listener)) : session.on("closed", listener),
        Close: (reason: string) => session.Close(reason),
      } as ClientSession;
    },
  };
}

test("a full mailbox is kept in few transactions, acknowledged only then, and whole after the reader ended in between", async (t) => {
  const serving = await serve(t);
  const file = join(folder(t), "reader.db");
  const world = nodeWorld(`http://127.0.0.1:${serving.port}`);
  const reader = await person(t, serving, "Reader", file);
  const people: Messenger[] = [];
  for (let index = 0; index < senders; index++) {
    const sender = await Messenger.open({ store: new MemoryStore(), world, name: `${index}` });
    atTheEnd(t, () => sender.close());
    sender.start();
    const linked = next(sender, "contact", ({ state }) => state === "linked");
    await sender.accept((await reader.invite("http://localhost/")).link);
    await linked;
    people.push(sender);
  }
  await reader.close();
  const texts = Array.from({ length: each }, (_, index) => `text ${index}`);
  await Promise.all(
    people.map(async (sender) => {
      const sent = next(sender, "drained");
      for (const text of texts) await sender.send(reader.fingerprint, text);
      if (sender.waiting > 0) await sent;
    }),
  );

  const store = new MortalStore(file);
  store.transactions = 2;
  const storedAtAck: number[] = [];
  const stored = () => store.kept.reduce((sum, count) => sum + count, 0);
  const ending = await Messenger.open({ store, world: heldBack(world, total, () => storedAtAck.push(stored())) });
  let failures = 0;
  const failed = next(ending, "failed", () => ++failures === Math.ceil(total / 32) - 2);
  const shown: string[] = [];
  ending.on("message", ({ contact, text }) => shown.push(`${contact} ${text}`));
  ending.start();
  await failed;
  await ending.close();
  assert.deepEqual(store.kept, [32, 32]);
  assert.equal(shown.length, 64);
  assert.equal(storedAtAck.length, 64);
  assert.ok(storedAtAck.every((count, index) => count > index));

  const again = await Messenger.open({ store: new FileStore(file), world });
  atTheEnd(t, () => again.close());
  again.on("message", ({ contact, text }) => shown.push(`${contact} ${text}`));
  const whole = next(again, "message", () => shown.length === total);
  again.start();
  await whole;
  assert.equal(new Set(shown).size, total);
  for (const { fingerprint } of people) {
    const history = await again.history(fingerprint, { limit: total });
    assert.deepEqual(
      history.reverse().map(({ text }) => text),
      texts,
    );
    assert.deepEqual(again.contact(fingerprint)!.gaps, []);
  }
});
