// One who is written to while away: a client of Node, whose store is a file.

import { join } from "node:path";
import { openMessenger } from "messenger/node";
import { heard } from "../lib/messenger-events.mjs";

let messenger;

export async function begin({ port, folder }) {
  messenger = await openMessenger({ server: `http://127.0.0.1:${port}`, file: join(folder, "me.db"), name: "Reader" });
  messenger.start();
  if (messenger.state !== "online") await heard(messenger, "state", (state) => state === "online");
}

export async function invite() {
  return (await messenger.invite("http://localhost/")).link;
}

export async function leave() {
  await messenger.close();
}

/** Nothing that has to be there before. */
export async function prepare() {}

/** From nothing until every message is opened and stored. */
export async function fetchMailbox({ port, folder, messages }) {
  const start = performance.now();
  messenger = await openMessenger({ server: `http://127.0.0.1:${port}`, file: join(folder, "me.db") });
  let left = messages;
  const all = heard(messenger, "message", () => --left === 0);
  messenger.start();
  await all;
  return { operations: messages, seconds: (performance.now() - start) / 1000 };
}
