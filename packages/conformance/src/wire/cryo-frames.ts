/**
 * Cryo v1 frames made and read by hand, from the tables of the wire description alone. Nothing of the packages under test is
 * used, so that a mistake they share does not cancel out.
 */

import { u8, u32 } from "./frames.js";

/** Type codes of section 2. */
export const cryoCode = {
  ack: 0,
  error: 1,
  pingPong: 2,
  utf8: 3,
  binary: 4,
  serverHello: 5,
  clientHello: 6,
  done: 7,
} as const;

export type CryoFrameName = keyof typeof cryoCode;

export interface CryoFrame {
  readonly name: CryoFrameName;
  /** 32 hexadecimal digits. */
  readonly sid: string;
  readonly ack: number;
  readonly text?: string;
  readonly bytes?: Buffer;
}

const headerBytes = 21;
const payloadBytesMax = 1_048_576;

/** Makes the frames of one session. Every argument goes onto the wire as it is, sensible or not. */
export class CryoFrames {
  readonly id: string;
  readonly #sid: Buffer;

  constructor(id: string) {
    this.id = id;
    this.#sid = Buffer.from(id.replaceAll("-", ""), "hex");
  }

  raw(ack: number, type: number, payload: string | Buffer = ""): Buffer {
    const bytes = typeof payload === "string" ? Buffer.from(payload, "utf8") : payload;
    return Buffer.concat([this.#sid, u32(ack), u8(type), bytes]);
  }

  ack(number: number): Buffer {
    return this.raw(number, cryoCode.ack);
  }

  error(ack: number, text: string | Buffer): Buffer {
    return this.raw(ack, cryoCode.error, text);
  }

  ping(ack: number): Buffer {
    return this.raw(ack, cryoCode.pingPong, "ping");
  }

  pong(ack: number): Buffer {
    return this.raw(ack, cryoCode.pingPong, "pong");
  }

  utf8(ack: number, text: string | Buffer): Buffer {
    return this.raw(ack, cryoCode.utf8, text);
  }

  binary(ack: number, bytes: Buffer): Buffer {
    return this.raw(ack, cryoCode.binary, bytes);
  }

  serverHello(ack: number, publicKey: Buffer): Buffer {
    return this.raw(ack, cryoCode.serverHello, publicKey);
  }

  clientHello(ack: number, publicKey: Buffer): Buffer {
    return this.raw(ack, cryoCode.clientHello, publicKey);
  }

  done(ack: number, payload: string | Buffer = "null"): Buffer {
    return this.raw(ack, cryoCode.done, payload);
  }
}

const names = new Map<number, CryoFrameName>(
  Object.entries(cryoCode).map(([name, code]) => [code, name as CryoFrameName]),
);
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads a frame and refuses what the table does not allow: whoever sent it is under test. */
export function readCryo(message: Buffer): CryoFrame {
  const name = names.get(message.readUInt8(headerBytes - 1));
  const head = { sid: message.subarray(0, 16).toString("hex"), ack: message.readUInt32BE(16) };
  const payload = message.subarray(headerBytes);
  const demand = (fine: boolean): void => {
    if (!fine) throw new RangeError(`${name} with ${payload.length} bytes of payload`);
  };
  demand(payload.length <= payloadBytesMax);
  switch (name) {
    case "ack":
      demand(payload.length === 0);
      return { name, ...head };
    case "error":
    case "utf8":
      return { name, ...head, text: strict.decode(payload) };
    case "pingPong": {
      const text = strict.decode(payload);
      demand(text === "ping" || text === "pong");
      return { name, ...head, text };
    }
    case "serverHello":
    case "clientHello":
      demand(payload.length === 65 && payload[0] === 4);
      return { name, ...head, bytes: payload };
    case "binary":
    case "done":
      return { name, ...head, bytes: payload };
    case undefined:
      throw new RangeError(`unknown frame type ${message.readUInt8(headerBytes - 1)}`);
  }
}
