import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContactRecord, MessageRecord, MessageStatus } from "messenger";
import { ConversationModel, type Messages } from "./conversation.js";
import { Observable, type State } from "./state.js";

// What the page uses of a document.
Object.assign(globalThis, { document: Object.assign(new EventTarget(), { visibilityState: "hidden" }) });

const bob = "bob";

function record(order: number, status: MessageStatus = "sending"): MessageRecord {
  return { contact: bob, order, direction: "out", n: order, sentAt: 1, text: `text ${order}`, status };
}

/** A messenger whose history and whose sending take until the test says so. */
function setUp(messages: MessageRecord[] = []) {
  const listeners: Record<string, (message: MessageRecord) => void> = {};
  const drafts = new Map<string, string>();
  const waiting: { resolve(): void; reject(error: Error): void }[] = [];
  const later = () => new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
  const messenger = {
    on: (name: string, listener: (message: MessageRecord) => void) => {
      listeners[name] = listener;
      return () => {};
    },
    contact: () => ({ fingerprint: bob, state: "linked", unread: 0, messages: messages.length }) as ContactRecord,
    async history(_contact: string, { before = Number.POSITIVE_INFINITY, limit = 50 } = {}) {
      const read = messages.filter(({ order }) => order < before).slice(-limit);
      await later();
      return read.reverse();
    },
    draft: async (contact: string) => drafts.get(contact) ?? "",
    saveDraft: async (contact: string, draft: string) => void drafts.set(contact, draft),
    async send(_contact: string, text: string) {
      await later();
      const sent = { ...record(messages.length), text };
      messages.push(sent);
      listeners.message!(sent);
      return sent;
    },
    markRead: async () => {},
  };
  const state = new Observable({ conversation: null } as unknown as State);
  const model = new ConversationModel(state, messenger as Messages, { look: async () => {} });
  const isReady = () => new Promise((resolve) => setImmediate(resolve));
  return {
    ...{ model, drafts, waiting },
    shown: () => state.value.conversation!.messages.map(({ text, status }) => `${text}: ${status}`),
    draft: () => state.value.conversation!.draft,
    isReady,
    async opened() {
      const opening = model.open(bob);
      await isReady();
      waiting.shift()!.resolve();
      await opening;
    },
    /** The messenger stores a message and tells of it. */
    tell(event: "message" | "status", message: MessageRecord) {
      messages[message.order] = message;
      listeners[event]!(message);
    },
  };
}

test("what is told of a message while the history is read is not lost", async () => {
  const { model, waiting, shown, isReady, tell } = setUp([record(0)]);
  const opening = model.open(bob);
  await isReady();
  tell("status", record(0, "accepted"));
  tell("message", record(1));
  tell("status", record(1, "delivered"));
  waiting.shift()!.resolve();
  await opening;
  assert.deepEqual(shown(), ["text 0: accepted", "text 1: delivered"]);
  tell("message", record(2));
  assert.deepEqual(shown().at(-1), "text 2: sending");
});

test("what is told while older messages are read is not lost either", async () => {
  const { model, waiting, shown, opened, tell } = setUp(Array.from({ length: 60 }, (_, order) => record(order)));
  await opened();
  assert.equal(shown().length, 50);
  const reading = model.older();
  tell("status", record(3, "accepted"));
  tell("status", record(10, "accepted"));
  waiting.shift()!.resolve();
  await reading;
  assert.equal(shown().length, 60);
  assert.deepEqual([shown()[3], shown()[10]], ["text 3: accepted", "text 10: accepted"]);
});

test("of two conversations that are being opened the later one is shown, whichever is read first", async () => {
  const { model, waiting, shown, isReady } = setUp([record(0)]);
  const [first, second] = [model.open(bob), model.open(bob, 0)];
  await isReady();
  waiting[1]!.resolve();
  await second;
  assert.deepEqual(shown(), ["text 0: sending"]);
  await model.close();
  waiting[0]!.resolve();
  await first;
  assert.throws(shown, TypeError);
});

test("what is typed while a message is being sent is the next one, and is sent once", async () => {
  const { model, waiting, shown, draft, drafts, opened } = setUp();
  await opened();
  model.write("one");
  const sending = [model.send(), model.send()];
  model.write("two");
  waiting.shift()!.resolve();
  await sending[0];
  assert.equal(draft(), "two");
  assert.equal(drafts.get(bob), "two");
  sending.push(model.send());
  model.write("thr");
  waiting.shift()!.resolve();
  await Promise.all(sending);
  assert.deepEqual([shown(), draft()], [["one: sending", "two: sending"], "thr"]);
  await model.close();
});

test("what could not be sent is in the field again, before what was begun since", async () => {
  const { model, waiting, draft, drafts, opened } = setUp();
  await opened();
  model.write("too long");
  const sending = model.send();
  model.write("begun");
  waiting.shift()!.reject(new Error("too large"));
  await assert.rejects(sending, /too large/);
  assert.equal(draft(), "too long\nbegun");
  const again = model.send();
  const closing = model.close();
  waiting.shift()!.reject(new Error("too large"));
  await assert.rejects(again, /too large/);
  await closing;
  assert.equal(drafts.get(bob), "too long\nbegun");
});

test("a draft is not kept as empty before what was in it is a message", async () => {
  const { model, waiting, drafts, opened } = setUp();
  await opened();
  model.write("one");
  await model.saveDraft();
  const sending = model.send();
  const leaving = model.saveDraft();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(drafts.get(bob), "one");
  waiting.shift()!.resolve();
  await Promise.all([sending, leaving]);
  assert.equal(drafts.get(bob), "");
});
