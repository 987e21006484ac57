import { connect, type Socket } from "node:net";
import type { Frames } from "../frames.js";
import { admitted, masked, upgradeHead } from "../raw-upgrade.js";

/** How a server ended a connection: "HTTP 408", "closed 4001", or "cut" if it said nothing that this end read. */
export type Ending = string;

/** Bytes of an answer that are looked at: what follows the head of a refusal is of no interest. */
const headBytesMax = 4096;

/** One connection of somebody who means harm: a bare socket, and a look at how the server ends it. */
export class Attacker {
  readonly socket: Socket;
  readonly ended: Promise<Ending>;
  readonly #opened: Promise<void>;
  #resolveAnswered!: () => void;
  readonly #answered: Promise<void>;
  #head = "";
  #frames: Buffer = Buffer.alloc(0);
  #closeCode: number | null = null;
  #left = false;
  #upgraded = false;

  constructor(port: number) {
    const socket = connect(port, "127.0.0.1");
    this.socket = socket;
    this.#answered = new Promise((resolve) => {
      this.#resolveAnswered = resolve;
    });
    this.#opened = new Promise((resolve) => {
      socket.once("connect", resolve).once("close", () => resolve());
    });
    socket.on("data", (bytes: Buffer) => this.#read(bytes));
    socket.on("error", () => {});
    this.ended = new Promise((resolve) => {
      socket.once("close", () => {
        this.#resolveAnswered();
        resolve(this.#ending());
      });
    });
  }

  /** Sends a request and waits for the beginning of the answer, or for the end. */
  static async asking(port: number, head: string): Promise<Attacker> {
    const attacker = new Attacker(port);
    await attacker.#opened;
    attacker.socket.write(head);
    await attacker.#answered;
    return attacker;
  }

  /** Upgrades with a valid token, and introduces itself. */
  static async admitted(port: number, make: Frames): Promise<Attacker> {
    const attacker = await Attacker.asking(port, upgradeHead(admitted(make.sid)));
    attacker.socket.write(masked(make.info(0)));
    return attacker;
  }

  get head(): string {
    return this.#head;
  }

  /** Whether the connection is over, or this end has nothing more to send on it. */
  get over(): boolean {
    return this.socket.destroyed || !this.socket.writable;
  }

  /** Writes, and waits until the socket takes more or is over. */
  async write(bytes: Buffer | string): Promise<void> {
    if (this.over || this.socket.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.socket.off("drain", done).off("close", done);
        resolve();
      };
      this.socket.on("drain", done).on("close", done);
    });
  }

  /** Ends the connection without a word, unless the server did so before. */
  async leave(): Promise<Ending> {
    if (!this.socket.destroyed) {
      this.#left = true;
      this.socket.resetAndDestroy();
    }
    return this.ended;
  }

  #read(bytes: Buffer): void {
    if (this.#upgraded) {
      this.#readFrames(bytes);
      return;
    }
    const text = this.#head + bytes.toString("latin1");
    const end = text.indexOf("\r\n\r\n") + 4;
    this.#upgraded = end >= 4 && text.startsWith("HTTP/1.1 101");
    this.#head = text.slice(0, this.#upgraded ? end : headBytesMax);
    if (end >= 4) this.#resolveAnswered();
    if (this.#upgraded) this.#readFrames(Buffer.from(text.slice(end), "latin1"));
  }

  /** Goes from frame to frame, looking for a close. */
  #readFrames(bytes: Buffer): void {
    this.#frames = this.#frames.length === 0 ? bytes : Buffer.concat([this.#frames, bytes]);
    for (;;) {
      const frame = this.#frames;
      if (frame.length < 2) return;
      const short = frame[1]! & 127;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (frame.length < head) return;
      const length = short < 126 ? short : short === 126 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2));
      if (frame.length < head + length) return;
      if ((frame[0]! & 15) === 8) {
        this.#closeCode = length >= 2 ? frame.readUInt16BE(head) : 1005;
        this.socket.destroy();
      }
      this.#frames = frame.subarray(head + length);
    }
  }

  #ending(): Ending {
    if (this.#closeCode !== null) return `closed ${this.#closeCode}`;
    const answers = this.#head.split("HTTP/1.1 ").length - 1;
    if (answers > 1) return "several answers";
    const status = /^HTTP\/1\.1 (\d{3})/.exec(this.#head)?.[1];
    if (status !== undefined && status !== "101") return `HTTP ${status}`;
    return this.#left ? "left" : "cut";
  }
}
