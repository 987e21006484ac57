import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { deferred, within } from "./patience.js";
import { token } from "./rig.js";
import { newSid } from "./server-rig.js";

/** What came back on a socket, as far as the head of an HTTP answer and what follows. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly text: string;
}

export const bearer: string = `authorization=${encodeURIComponent(`Bearer ${token}`)}`;

/** The head of an upgrade request; headers given as undefined are left out. */
export function upgradeHead(target: string, headers: Readonly<Record<string, string | undefined>> = {}): string {
  const fields = {
    Host: "127.0.0.1",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AQIDBAUGBwgJCgsMDQ4PEA==",
    ...headers,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : `${name}: ${value}`));
  return `GET ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

export const admitted = (sid: bigint | string = newSid()): string => `/?${bearer}&x-camp-sid=${sid}`;

/** A bare TCP connection to a server. */
export class RawConnection {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #ended = false;
  #changed: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    const end = (): void => {
      this.#ended = true;
      this.#changed();
    };
    socket.on("data", (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#changed();
    });
    socket.on("error", end);
    socket.on("close", end);
  }

  static async open(port: number, sending?: string | Buffer): Promise<RawConnection> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    const connection = new RawConnection(socket);
    if (sending !== undefined) socket.write(sending);
    return connection;
  }

  get received(): Buffer {
    return this.#received;
  }

  /** Waits until enough is there; fails if the connection ends before. */
  async until(enough: (received: Buffer, ended: boolean) => boolean, what: string): Promise<void> {
    while (!enough(this.#received, this.#ended)) {
      if (this.#ended) assert.fail(`the connection ended before ${what}: ${this.#received.toString("latin1")}`);
      const { promise, resolve } = deferred<void>();
      this.#changed = () => resolve();
      await within(
        promise,
        () => new Error(`no ${what}; received ${this.#received.subarray(0, 500).toString("latin1")}`),
      );
    }
  }

  /** A whole HTTP answer, after which the server ends the connection. */
  async refusal(): Promise<Answer> {
    await this.until((_received, ended) => ended, "end of the answer");
    const answer = parse(this.#received.toString("latin1"));
    assert.equal(answer.headers.get("connection"), "close", answer.text);
    assert.equal(answer.headers.get("content-length"), `${answer.body.length}`, answer.text);
    assert.ok(!answer.text.includes(token), "the answer shows the token");
    assert.ok(!answer.headers.has("sec-websocket-accept"));
    return answer;
  }

  /** The 101 answer; the connection stays. */
  async acceptance(): Promise<Answer> {
    await this.until((received) => received.includes("\r\n\r\n"), "answer");
    const answer = parse(this.#received.toString("latin1"));
    assert.equal(answer.status, 101, answer.text);
    // From the key above, by section 4.2.2 of RFC 6455.
    assert.equal(answer.headers.get("sec-websocket-accept"), "C/0nmHhBztSRGR1CwL6Tf4ZjwpY=");
    return answer;
  }

  /** Waits for the end of the connection, whatever came. */
  async ended(): Promise<void> {
    await this.until((_received, ended) => ended, "end of the connection");
  }
}

/** Sends a request head and reads the refusal. */
export async function refused(port: number, head: string): Promise<Answer> {
  return (await RawConnection.open(port, head)).refusal();
}

/** Sends a request head and reads the status, then ends the connection. */
export async function statusOf(port: number, head: string): Promise<number> {
  const connection = await RawConnection.open(port, head);
  await connection.until((received) => received.includes("\r\n\r\n"), "answer");
  const { status } = parse(connection.received.toString("latin1"));
  if (status !== 101) await connection.refusal();
  connection.socket.destroy();
  return status;
}

function parse(text: string): Answer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [statusLine = "", ...fields] = head.split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine);
  assert.ok(status, `no status line: ${text.slice(0, 200)}`);
  const headers = new Map<string, string>();
  for (const field of fields) {
    const colon = field.indexOf(":");
    assert.ok(colon > 0, `no header: ${field}`);
    const name = field.slice(0, colon).toLowerCase();
    assert.ok(!headers.has(name), `${name} twice`);
    headers.set(name, field.slice(colon + 1).trim());
  }
  return { status: Number(status[1]), headers, body: rest.join("\r\n\r\n"), text };
}

/** A WebSocket frame as clients send it, made by hand: RFC 6455, section 5.2. */
export function masked(payload: Buffer, firstByte = 0x82): Buffer {
  const mask = Buffer.of(0x11, 0x22, 0x33, 0x44);
  const body = Buffer.from(payload);
  for (let index = 0; index < body.length; index++) body[index]! ^= mask[index & 3]!;
  return Buffer.concat([lengthHead(payload.length, firstByte, 0x80), mask, body]);
}

/** First bytes of a frame that announces so many bytes. */
export function lengthHead(length: number, firstByte = 0x82, maskBit = 0x80): Buffer {
  if (length < 126) return Buffer.of(firstByte, maskBit | length);
  if (length < 65_536) return Buffer.of(firstByte, maskBit | 126, length >> 8, length & 0xff);
  const head = Buffer.alloc(10);
  head.writeUInt8(firstByte, 0);
  head.writeUInt8(maskBit | 127, 1);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
