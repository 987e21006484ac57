import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { Random } from "camp-session/testing";
import { Conversation, type Tally } from "./conversation.js";

/** What is counted when so many messages were sent and these arrived, in this order. */
async function tallyOf(sent: number, arrivals: readonly number[]): Promise<Tally> {
  let left = sent;
  const send = async (): Promise<boolean> => {
    if (--left === 0) conversation.stop();
    return true;
  };
  const listener = new EventEmitter();
  const conversation = new Conversation(new Random(1), { base: { SendUTF8: send, SendBinary: send } }, listener);
  await conversation.talk();
  for (const number of arrivals) listener.emit("message-utf8", `${number}:`);
  return conversation.tally();
}

for (const [what, arrivals, { lost, duplicated, reordered }] of [
  ["all in order", [0, 1, 2, 3], { lost: 0, duplicated: 0, reordered: 0 }],
  ["one missing", [0, 1, 3], { lost: 1, duplicated: 0, reordered: 0 }],
  ["one twice", [0, 1, 1, 2, 3], { lost: 0, duplicated: 1, reordered: 0 }],
  ["one late", [0, 2, 1, 3], { lost: 0, duplicated: 0, reordered: 1 }],
  ["one late and again", [0, 2, 1, 3, 2], { lost: 0, duplicated: 1, reordered: 1 }],
] as const) {
  test(`${what} is counted as that`, async () => {
    const tally = await tallyOf(4, arrivals);
    assert.deepEqual([tally.lost, tally.duplicated, tally.reordered], [lost, duplicated, reordered]);
  });
}

test("more messages are counted than a first guess has room for", async () => {
  const count = 5000;
  const numbers = Array.from({ length: count }, (_, number) => number);
  const tally = await tallyOf(count, numbers);
  assert.deepEqual([tally.sent, tally.lost], [count, 0]);
});
