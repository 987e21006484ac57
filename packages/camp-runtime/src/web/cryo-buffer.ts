/** Texts that `toString` makes of bytes. */
export type CryoEncoding = "utf8" | "utf-8" | "hex" | "base64" | "latin1";

/** The bytes of a message: a Uint8Array with the methods of Node's Buffer that its readers use. Numbers are big-endian. */
export class CryoBuffer extends Uint8Array {
  /** The same memory as a CryoBuffer. */
  static view(bytes: Uint8Array): CryoBuffer {
    return bytes instanceof CryoBuffer
      ? bytes
      : new CryoBuffer(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The bytes as a text, by default that which they are in UTF-8. @throws TypeError for an encoding that is none of these */
  override toString(encoding: CryoEncoding = "utf8"): string {
    switch (encoding) {
      case "hex":
        return Array.from(this, (byte) => byte.toString(16).padStart(2, "0")).join("");
      case "base64":
        return btoa(this.toString("latin1"));
      case "latin1":
        return Array.from(this, (byte) => String.fromCharCode(byte)).join("");
      case "utf8":
      case "utf-8":
        return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this);
      default:
        throw new TypeError("encoding must be utf8, hex, base64 or latin1");
    }
  }

  /** @throws RangeError if `offset` leaves no room for the number, as all readers do */
  readUInt8(offset = 0): number {
    return this.#view.getUint8(offset);
  }

  readUInt16BE(offset = 0): number {
    return this.#view.getUint16(offset);
  }

  readUInt32BE(offset = 0): number {
    return this.#view.getUint32(offset);
  }

  readInt32BE(offset = 0): number {
    return this.#view.getInt32(offset);
  }

  readBigUInt64BE(offset = 0): bigint {
    return this.#view.getBigUint64(offset);
  }

  readDoubleBE(offset = 0): number {
    return this.#view.getFloat64(offset);
  }

  get #view(): DataView {
    return new DataView(this.buffer, this.byteOffset, this.byteLength);
  }
}
