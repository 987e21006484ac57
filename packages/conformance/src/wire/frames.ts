/**
 * CAMP v1 frames made and read by hand, from the tables of the wire description alone. Nothing of the packages under test
 * is used, so that a mistake they share does not cancel out.
 */

/** Type codes of section 3. 16 is TX_ABORT of the stream control extension. */
export const code = {
  info: 255,
  bye: 254,
  ack: 253,
  error: 252,
  pingPong: 251,
  utf8: 250,
  binary: 249,
  start: 0,
  chunk: 1,
  finish: 2,
  fetch: 3,
  cancel: 4,
  abort: 16,
} as const;

export type FrameName = keyof typeof code;

/** What a frame holds; a field that its type does not have is absent. */
export interface Frame {
  readonly name: FrameName;
  readonly sid: bigint;
  readonly ack?: number;
  readonly version?: number;
  readonly features?: bigint;
  readonly txId?: number;
  readonly size?: bigint;
  readonly behaviour?: number;
  readonly offset?: bigint;
  readonly start?: bigint;
  readonly end?: bigint;
  readonly text?: string;
  readonly bytes?: Buffer;
}

export const u8 = (value: number): Buffer => Buffer.of(value);

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value));
  return bytes;
}

const utf8 = (text: string | Buffer): Buffer => (typeof text === "string" ? Buffer.from(text, "utf8") : text);

/** Makes the frames of one session. Every argument goes onto the wire as it is, sensible or not. */
export class Frames {
  readonly sid: bigint;

  constructor(sid: bigint) {
    this.sid = sid;
  }

  raw(type: number, ...parts: readonly Buffer[]): Buffer {
    return Buffer.concat([u64(this.sid), u8(type), ...parts]);
  }

  info(ack: number, features = 1n, version = 1): Buffer {
    return this.raw(code.info, u32(ack), u32(version), u64(features));
  }

  bye(ack: number, reason: string | Buffer = ""): Buffer {
    return this.raw(code.bye, u32(ack), utf8(reason));
  }

  ack(number: number): Buffer {
    return this.raw(code.ack, u32(number));
  }

  error(ack: number, text: string | Buffer): Buffer {
    return this.raw(code.error, u32(ack), utf8(text));
  }

  ping(): Buffer {
    return this.raw(code.pingPong, Buffer.from("ping"));
  }

  pong(): Buffer {
    return this.raw(code.pingPong, Buffer.from("pong"));
  }

  utf8(ack: number, text: string | Buffer): Buffer {
    return this.raw(code.utf8, u32(ack), utf8(text));
  }

  binary(ack: number, bytes: Buffer): Buffer {
    return this.raw(code.binary, u32(ack), bytes);
  }

  start(ack: number, txId: number, size: bigint, behaviour: number, name: string | Buffer): Buffer {
    return this.raw(code.start, u32(ack), u32(txId), u64(size), u8(behaviour), utf8(name));
  }

  chunk(txId: number, offset: bigint, bytes: Buffer): Buffer {
    return this.raw(code.chunk, u32(txId), u64(offset), bytes);
  }

  finish(ack: number, txId: number): Buffer {
    return this.raw(code.finish, u32(ack), u32(txId));
  }

  fetch(ack: number, txId: number, start: bigint, end: bigint): Buffer {
    return this.raw(code.fetch, u32(ack), u32(txId), u64(start), u64(end));
  }

  cancel(ack: number, txId: number): Buffer {
    return this.raw(code.cancel, u32(ack), u32(txId));
  }

  abort(ack: number, txId: number, reason: string): Buffer {
    return this.raw(code.abort, u32(ack), u32(txId), utf8(reason));
  }
}

const names = new Map<number, FrameName>(Object.entries(code).map(([name, value]) => [value, name as FrameName]));
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads a frame and refuses what the table does not allow: whoever sent it is under test. */
export function read(bytes: Buffer): Frame {
  const at = (offset: number): number => bytes.readUInt32BE(offset);
  const long = (offset: number): bigint => bytes.readBigUInt64BE(offset);
  const text = (offset: number): string => strict.decode(bytes.subarray(offset));
  const sid = long(0);
  const name = names.get(bytes.readUInt8(8));
  const limit = (headerBytes: number, payloadBytesMax: number): void => {
    if (bytes.length > headerBytes + payloadBytesMax)
      throw new RangeError(`${name} of ${bytes.length} bytes is too long`);
  };
  const exactly = (length: number): void => {
    if (bytes.length !== length) throw new RangeError(`${name} has ${bytes.length} bytes instead of ${length}`);
  };
  const payloadBytesMax = 1_048_576;
  switch (name) {
    case "info":
      exactly(25);
      return { name, sid, ack: at(9), version: at(13), features: long(17) };
    case "bye":
      return { name, sid, ack: at(9), text: text(13) };
    case "ack":
      exactly(13);
      return { name, sid, ack: at(9) };
    case "error":
    case "utf8":
      limit(13, payloadBytesMax);
      return { name, sid, ack: at(9), text: text(13) };
    case "pingPong": {
      const word = text(9);
      if (word !== "ping" && word !== "pong") throw new RangeError(`${name} says ${word}`);
      return { name, sid, text: word };
    }
    case "binary":
      limit(13, payloadBytesMax);
      return { name, sid, ack: at(9), bytes: bytes.subarray(13) };
    case "start":
      limit(26, 1024);
      return {
        name,
        sid,
        ack: at(9),
        txId: at(13),
        size: bytes.readBigInt64BE(17),
        behaviour: bytes.readUInt8(25),
        text: text(26),
      };
    case "chunk":
      limit(21, payloadBytesMax);
      return { name, sid, txId: at(9), offset: long(13), bytes: bytes.subarray(21) };
    case "finish":
    case "cancel":
      exactly(17);
      return { name, sid, ack: at(9), txId: at(13) };
    case "fetch":
      exactly(33);
      return { name, sid, ack: at(9), txId: at(13), start: long(17), end: long(25) };
    case "abort":
      limit(17, 123);
      return { name, sid, ack: at(9), txId: at(13), text: text(17) };
    case undefined:
      throw new RangeError(`unknown frame type ${bytes.readUInt8(8)}`);
  }
}
