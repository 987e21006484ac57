import {
  type Body,
  bodyBytesMax,
  decodeBase64url,
  encodeBase64url,
  exportPoint,
  generateHpkeKeys,
  idBytes,
  importPoint,
  MessengerError,
  packPlaintext,
  partHeaderBytes,
  partsMax,
  prevHashBytes,
  receiptsOf,
  replyKeyIdBytes,
  sealText,
  sha256,
  utf8,
} from "../protocol/index.js";
import { type Core, saveContact } from "./core.js";
import { type ContactRecord, isLinked, type MessageRecord, messageKey } from "./records.js";
import { issuesReplyKey } from "./reply-keys.js";
import type { Change } from "./store.js";

const partTextBytes = bodyBytesMax - partHeaderBytes;
const groupBytes = 8;

/** @throws {MessengerError} `NOT_LINKED` */
export function linkedContact(core: Core, fingerprint: string): ContactRecord {
  const contact = core.contacts.get(fingerprint);
  if (contact === undefined || !isLinked(contact)) {
    throw new MessengerError("NOT_LINKED", "only who has accepted an invitation can be written to");
  }
  return contact;
}

/** Writes a text. It is in the history when this resolves, and goes out when the server can be reached. */
export async function sendText(core: Core, fingerprint: string, text: string): Promise<MessageRecord> {
  const contact = linkedContact(core, fingerprint);
  const bodies = bodiesOf(core, text);
  const record = outgoing(core, contact, text, {});
  await sendBodies(core, contact, bodies, record);
  return record;
}

/** Announces a file; its bytes go in a stream. */
export async function sendFileMessage(
  core: Core,
  fingerprint: string,
  file: { readonly id: string; readonly key: Uint8Array; readonly size: number; readonly name: string },
): Promise<MessageRecord> {
  const contact = linkedContact(core, fingerprint);
  const { id, size, name } = file;
  const record = outgoing(core, contact, "", { file: { id, size, name } });
  await sendBodies(core, contact, [{ kind: "file", ...file }], record);
  return record;
}

/** Tells the peer what has arrived, and nothing else. */
export async function sendReceipt(core: Core, fingerprint: string): Promise<void> {
  const contact = linkedContact(core, fingerprint);
  if (contact.untold > 0) await sendBodies(core, contact, [{ kind: "receipt" }], null);
}

/** Tells the peer up to where its messages were read. */
export async function sendRead(core: Core, fingerprint: string, upTo: number): Promise<void> {
  await sendBodies(core, linkedContact(core, fingerprint), [{ kind: "read", upTo }], null);
}

async function sendBodies(
  core: Core,
  contact: ContactRecord,
  bodies: readonly Body[],
  record: MessageRecord | null,
): Promise<void> {
  const changes: Change[] = [];
  const queued: (() => void)[] = [];
  let next = contact;
  const key = record === null ? null : messageKey(contact.fingerprint, record.order);
  for (const [index, body] of bodies.entries()) {
    const sealed = await sealBody(core, next, body);
    next = sealed.contact;
    // The message is accepted when its last part is.
    const carries = index === bodies.length - 1 ? key : null;
    const sending = core.outbox.prepare({ envelope: sealed.envelope, messageKey: carries });
    changes.push(...sealed.changes, sending.change);
    queued.push(sending.queued);
  }
  if (record !== null) {
    const last = { ...record, n: next.nextN - 1 };
    next = { ...next, messages: next.messages + 1 };
    changes.push({ table: "messages", put: { key: key!, data: last } });
  }
  await saveContact(core, next, changes);
  for (const start of queued) start();
  if (record !== null) core.events.emit("message", { ...record, n: next.nextN - 1 });
}

async function sealBody(core: Core, contact: ContactRecord, body: Body) {
  const { world, identity } = core;
  const now = world.clock.now();
  const { fingerprint, nextN: n } = contact;
  const issued = issuesReplyKey(contact.replyKeys, now) ? await freshKey(core) : null;
  const plaintext = packPlaintext({
    ...{ n, sentAt: now, body, ...receiptsOf(contact.window) },
    replyKey: issued === null ? null : { id: decodeBase64url(issued.id), point: issued.point },
    prevHash: n === 0 ? new Uint8Array(prevHashBytes) : decodeBase64url(contact.prevHash),
  });
  const addresses = { id: encodeBase64url(world.random(idBytes)), from: identity.fingerprint, to: fingerprint };
  const peer = contact.peerKey!;
  const recipient = {
    replyKeyId: decodeBase64url(peer.id),
    replyKey: await importPoint(decodeBase64url(peer.point)),
  };
  const pairPsk = decodeBase64url(contact.pairPsk);
  const encryptedMessage = await sealText(plaintext, addresses, identity.k, recipient, pairPsk);
  core.record(`contact ${fingerprint}`, { sent: n, kind: body.kind });
  const changes: Change[] =
    issued === null
      ? []
      : [{ table: "replyKeys", put: { key: `${fingerprint}/${issued.id}`, data: null, keys: { pair: issued.pair } } }];
  const issuedRecord = issued && { id: issued.id, issuedN: n, issuedAt: now, firstUse: null, reached: false };
  return {
    envelope: { type: "msg", ...addresses, encryptedMessage } as const,
    changes,
    contact: {
      ...contact,
      nextN: n + 1,
      untold: 0,
      prevHash: encodeBase64url((await sha256(plaintext)).subarray(0, prevHashBytes)),
      replyKeys: issuedRecord === null ? contact.replyKeys : [...contact.replyKeys, issuedRecord],
    } satisfies ContactRecord,
  };
}

async function freshKey({ store, world }: Core) {
  const pair = await generateHpkeKeys(store.extractableKeys);
  return { id: encodeBase64url(world.random(replyKeyIdBytes)), pair, point: await exportPoint(pair.publicKey) };
}

function outgoing(core: Core, contact: ContactRecord, text: string, more: Partial<MessageRecord>): MessageRecord {
  return {
    ...{ contact: contact.fingerprint, order: contact.messages, direction: "out", n: contact.nextN },
    ...{ sentAt: core.world.clock.now(), text, status: "sending" },
    ...more,
  };
}

/** A text that is too long for one message goes in parts, cut between characters. */
function bodiesOf(core: Core, text: string): Body[] {
  if (utf8(text).length <= bodyBytesMax) return [{ kind: "text", text }];
  const texts: string[] = [];
  let part = "";
  let bytes = 0;
  for (const character of text) {
    const length = utf8(character).length;
    if (bytes + length > partTextBytes) {
      texts.push(part);
      [part, bytes] = ["", 0];
    }
    part += character;
    bytes += length;
  }
  texts.push(part);
  if (texts.length > partsMax) {
    const max = partsMax * partTextBytes;
    throw new MessengerError("TOO_LARGE", `a text has at most about ${max} bytes; send it as a file`);
  }
  const group = encodeBase64url(core.world.random(groupBytes));
  return texts.map((each, index) => ({ kind: "part", group, index, count: texts.length, text: each }));
}
