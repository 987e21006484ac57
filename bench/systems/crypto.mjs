// Sealing and opening what CALE seals: by CALE's own cipher, by `node:crypto` and by WebCrypto, without a session around it.

import { createCipheriv, createDecipheriv, randomBytes, webcrypto } from "node:crypto";
import { nodeCaleCrypto } from "camp-runtime/node";
import { rateOf } from "../lib/window.mjs";

const ivBytes = 12;
const tagBytes = 16;
const gcm = { authTagLength: tagBytes };
const key = randomBytes(16);
/** Operations between two looks at the clock. */
const batch = 64;

/** Repeats `pair`, which seals and opens once, until the time is over. */
async function forAWhile({ durationMs, bytes }, pair) {
  const begin = performance.now();
  const end = begin + durationMs;
  let pairs = 0;
  for (; performance.now() < end; pairs += batch) await pair(batch);
  const { rate, seconds } = rateOf(pairs, begin);
  return { rate, seconds, throughput: (rate * bytes) / 1e6 };
}

function ivOf(counter) {
  const iv = Buffer.alloc(ivBytes);
  iv.writeUInt32BE(counter, ivBytes - 4);
  return iv;
}

export function cale({ durationMs, bytes }) {
  const [client, server] = [nodeCaleCrypto.createKeyPair(), nodeCaleCrypto.createKeyPair()];
  const sealing = client.derive(server.publicKey, "client");
  const opening = server.derive(client.publicKey, "server");
  const plain = randomBytes(bytes);
  let counter = 0;
  return forAWhile({ durationMs, bytes }, (count) => {
    for (let at = 0; at < count; at++) opening.open(sealing.seal(counter++, plain));
  });
}

export function node({ durationMs, bytes }) {
  const plain = randomBytes(bytes);
  let counter = 0;
  return forAWhile({ durationMs, bytes }, (count) => {
    for (let at = 0; at < count; at++) {
      const iv = ivOf(counter++);
      const cipher = createCipheriv("aes-128-gcm", key, iv, gcm);
      const sealed = cipher.update(plain);
      cipher.final();
      const decipher = createDecipheriv("aes-128-gcm", key, iv, gcm);
      decipher.setAuthTag(cipher.getAuthTag());
      decipher.update(sealed);
      decipher.final();
    }
  });
}

/** Sealing alone, which is what one end of a session does to what it sends. */
export function seal({ durationMs, bytes }) {
  const plain = randomBytes(bytes);
  let counter = 0;
  return forAWhile({ durationMs, bytes }, (count) => {
    for (let at = 0; at < count; at++) {
      const cipher = createCipheriv("aes-128-gcm", key, ivOf(counter++), gcm);
      cipher.update(plain);
      cipher.final();
      cipher.getAuthTag();
    }
  });
}

/** Side by side, as a sender with a queue would. */
export async function web({ durationMs, bytes }) {
  const { subtle } = webcrypto;
  const webKey = await subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
  const plain = randomBytes(bytes);
  let counter = 0;
  const one = async () => {
    const how = { name: "AES-GCM", iv: ivOf(counter++) };
    await subtle.decrypt(how, webKey, await subtle.encrypt(how, webKey, plain));
  };
  return forAWhile({ durationMs, bytes }, (count) => Promise.all(Array.from({ length: count }, one)));
}
