import { type Body, encodeBase64url, type Plaintext } from "../protocol/index.js";
import type { Batch } from "./batch.js";
import { type ContactRecord, type MessageRecord, messageKey, ordered } from "./records.js";

/** Adds to the history what a message says; returns what becomes of the contact. */
export async function addContent(batch: Batch, contact: ContactRecord, plaintext: Plaintext): Promise<ContactRecord> {
  const { n, body, sentAt } = plaintext;
  const add = (text: string, more: Partial<MessageRecord> = {}): ContactRecord => {
    const message: MessageRecord = {
      ...{ contact: contact.fingerprint, order: contact.messages, direction: "in", n, sentAt, text },
      ...{ status: "delivered", ...more },
    };
    batch.messages.push(message);
    batch.changes.push({ table: "messages", put: { key: messageKey(message.contact, message.order), data: message } });
    return { ...contact, messages: contact.messages + 1, unread: contact.unread + 1 };
  };
  switch (body.kind) {
    case "text":
      return add(body.text);
    case "file": {
      const { id, key, size, name } = body;
      return add("", { file: { id, size, name, key: encodeBase64url(key) } });
    }
    case "unknown":
      return add("", { unknownKind: body.code });
    case "part": {
      const text = await wholeText(batch, contact, body);
      return text === null ? contact : add(text);
    }
    default:
      return contact;
  }
}

/** The text that a part completes. Null where others are missing: the part waits for them. */
async function wholeText(
  batch: Batch,
  { fingerprint }: ContactRecord,
  { group, index, count, text }: Extract<Body, { kind: "part" }>,
): Promise<string | null> {
  const prefix = `${fingerprint}/${group}/`;
  const key = prefix + ordered(index);
  const parts = (await batch.parts(prefix)).set(key, text);
  if (parts.size < count) {
    batch.changes.push({ table: "parts", put: { key, data: text } });
    return null;
  }
  for (const each of parts.keys()) batch.changes.push({ table: "parts", remove: each });
  return [...parts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, part]) => part)
    .join("");
}
