// People who write to one who is away.

import { MemoryStore, Messenger } from "messenger";
import { nodeWorld } from "messenger/node";
import { heard } from "../lib/messenger-events.mjs";

const people = [];

/** Somebody new accepts an invitation, and is linked when this resolves. */
export async function accept({ port, link }) {
  const world = nodeWorld(`http://127.0.0.1:${port}`);
  const messenger = await Messenger.open({ store: new MemoryStore(), world, name: `Sender ${people.length}` });
  const linked = heard(messenger, "contact", ({ state }) => state === "linked");
  messenger.start();
  await messenger.accept(link);
  await linked;
  people.push(messenger);
}

/** Each writes so many texts. Resolves when the server has all of them. */
export async function write({ each }) {
  await Promise.all(
    people.map(async (messenger) => {
      const { fingerprint } = messenger.contacts[0];
      for (let index = 0; index < each; index++)
        await messenger.send(fingerprint, `message ${index} of ${messenger.name}`);
      if (messenger.waiting > 0) await heard(messenger, "drained");
    }),
  );
}
