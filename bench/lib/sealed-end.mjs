import { createCipheriv, createDecipheriv } from "node:crypto";

const lengthBytes = 4;
const ivBytes = 12;
const tagBytes = 16;
const nothing = Buffer.alloc(0);
const gcm = { authTagLength: tagBytes };

/** Keys for one direction each. Both ends know them, so that no handshake is needed. */
const keys = { client: Buffer.alloc(16, 1), server: Buffer.alloc(16, 2) };

/** @param {"client" | "server"} end */
export function keysOf(end) {
  return { sealing: keys[end], opening: keys[end === "client" ? "server" : "client"] };
}

/**
 * One end of a TCP connection on which every message is sealed and acknowledged by a sealed record without content, and nothing else:
 * no WebSocket, no session. The records of one turn of the event loop leave in one write.
 */
export class SealedEnd {
  #socket;
  #keys;
  #sent = 0;
  #received = 0;
  /** Those who wait for their acknowledgement, which come in order. */
  #waiting = [];
  #head = nothing;
  #decipher;
  #left = 0;
  #plain = [];
  #tag = nothing;

  /**
   * @param {import("node:net").Socket} socket
   * @param {{sealing: Buffer, opening: Buffer}} keys
   */
  constructor(socket, keys) {
    this.#socket = socket.setNoDelay();
    this.#keys = keys;
    socket.on("data", (piece) => this.#take(piece));
  }

  /** Resolves when the message is acknowledged. */
  send(payload) {
    return new Promise((acknowledged) => {
      this.#waiting.push(acknowledged);
      this.#seal(payload);
    });
  }

  #seal(payload) {
    const cipher = createCipheriv("aes-128-gcm", this.#keys.sealing, ivOf(this.#sent++), gcm);
    const sealed = cipher.update(payload);
    cipher.final();
    const head = Buffer.allocUnsafe(lengthBytes);
    head.writeUInt32BE(payload.length);
    if (!this.#socket.writableCorked) {
      this.#socket.cork();
      process.nextTick(() => this.#socket.uncork());
    }
    this.#socket.write(head);
    this.#socket.write(sealed);
    this.#socket.write(cipher.getAuthTag());
  }

  /** Opens what is there of a record piece by piece, so that nothing has to be joined before. */
  #take(piece) {
    for (let at = 0; at < piece.length; ) {
      if (this.#head.length < lengthBytes) {
        const more = piece.subarray(at, at + lengthBytes - this.#head.length);
        this.#head = this.#head.length === 0 ? more : Buffer.concat([this.#head, more]);
        at += more.length;
        if (this.#head.length === lengthBytes) this.#begin(this.#head.readUInt32BE());
        continue;
      }
      const sealed = piece.subarray(at, at + this.#left);
      at += sealed.length;
      this.#left -= sealed.length;
      if (sealed.length > 0) this.#plain.push(this.#decipher.update(sealed));
      if (this.#left > 0) continue;
      const tag = piece.subarray(at, at + tagBytes - this.#tag.length);
      at += tag.length;
      this.#tag = this.#tag.length === 0 ? tag : Buffer.concat([this.#tag, tag]);
      if (this.#tag.length === tagBytes) this.#end();
    }
  }

  #begin(bytes) {
    this.#left = bytes;
    this.#decipher = createDecipheriv("aes-128-gcm", this.#keys.opening, ivOf(this.#received++), gcm);
  }

  #end() {
    this.#decipher.setAuthTag(this.#tag);
    this.#decipher.final();
    const payload = Buffer.concat(this.#plain);
    this.#head = this.#tag = nothing;
    this.#plain = [];
    if (payload.length > 0) this.#seal(nothing);
    else this.#waiting.shift()();
  }
}

function ivOf(counter) {
  const iv = Buffer.alloc(ivBytes);
  iv.writeUInt32BE(counter, ivBytes - 4);
  return iv;
}
