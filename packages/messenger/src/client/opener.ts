import {
  CannotOpenError,
  decodeBase64url,
  encodeBase64url,
  MalformedError,
  openText,
  parsePublicKey,
  sha256,
  type TextEnvelope,
  unpackBlob,
  unpackPlaintext,
  type WebKey,
  type WebKeyPair,
} from "../protocol/index.js";
import type { Core } from "./core.js";
import type { Arrival } from "./receive.js";
import type { ContactRecord } from "./records.js";

/** Opens messages that came together. A key that several of them need is loaded once. */
export class Opener {
  readonly #core: Core;
  readonly #senders = new Map<string, Promise<WebKey>>();
  readonly #replyKeys = new Map<string, Promise<WebKeyPair | null>>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Null for what will never open: its key is gone, or it was sealed by another or changed. */
  async open(envelope: TextEnvelope): Promise<Arrival | null> {
    const contact = this.#core.contacts.get(envelope.from)!;
    try {
      const replyKeyId = encodeBase64url(unpackBlob(envelope.encryptedMessage).replyKeyId);
      const replyKey = await this.#replyKey(contact, replyKeyId);
      // A key that is gone: a duplicate, or far too late.
      if (replyKey === null) return null;
      const sender = await this.#sender(contact);
      const bytes = await openText(envelope, replyKey, sender, decodeBase64url(contact.pairPsk));
      return { plaintext: unpackPlaintext(bytes), hash: await sha256(bytes), replyKeyId };
    } catch (error) {
      if (error instanceof CannotOpenError || error instanceof MalformedError) return null;
      throw error;
    }
  }

  #sender({ publicKey }: ContactRecord): Promise<WebKey> {
    return once(this.#senders, publicKey, async () => (await parsePublicKey(decodeBase64url(publicKey))).k);
  }

  #replyKey({ fingerprint }: ContactRecord, id: string): Promise<WebKeyPair | null> {
    const key = `${fingerprint}/${id}`;
    return once(this.#replyKeys, key, async () => (await this.#core.store.get("replyKeys", key))?.keys?.pair ?? null);
  }
}

function once<Value>(made: Map<string, Value>, name: string, make: () => Value): Value {
  const value = made.get(name) ?? make();
  made.set(name, value);
  return value;
}
