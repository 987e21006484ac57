import type { TestContext } from "node:test";
import { Frames } from "./frames.js";
import { admitted, masked, RawConnection, upgradeHead } from "./raw-upgrade.js";
import { newSid, type ServerRig } from "./server-rig.js";

/** A session over a bare TCP socket, for what no WebSocket library would send, and for peers that do not read. */
export class RawSession {
  readonly make: Frames;
  readonly connection: RawConnection;

  private constructor(make: Frames, connection: RawConnection) {
    this.make = make;
    this.connection = connection;
  }

  /** Upgrades and introduces itself. */
  static async open(context: TestContext, rig: ServerRig): Promise<RawSession> {
    const make = new Frames(newSid());
    const connection = await RawConnection.open(rig.port, upgradeHead(admitted(make.sid)));
    context.after(() => connection.socket.destroy());
    await connection.acceptance();
    const session = new RawSession(make, connection);
    session.write(masked(make.info(0)));
    return session;
  }

  write(bytes: Buffer): boolean {
    return this.connection.socket.write(bytes);
  }

  /** Writes without ever reading, as fast as the server takes it, until the connection is over. */
  async flood(bytes: Buffer, timesMax: number, onRound: (round: number) => void = () => {}): Promise<void> {
    const { socket } = this.connection;
    socket.pause();
    let over = false;
    const closed = new Promise<void>((resolve) => {
      socket.once("close", () => {
        over = true;
        resolve();
      });
    });
    for (let round = 0; round < timesMax && !over; round++) {
      const drained = new Promise<void>((resolve) => {
        if (socket.write(bytes)) setImmediate(resolve);
        else socket.once("drain", resolve);
      });
      await Promise.race([drained, closed]);
      onRound(round);
    }
  }

  /** The code of the close frame with which the server ends the connection; it is answered by the end of the socket. */
  async closeCode(): Promise<number> {
    let code: number | null = null;
    await this.connection.until((received) => {
      code = closeCodeIn(received.subarray(received.indexOf("\r\n\r\n") + 4));
      return code !== null;
    }, "close frame");
    this.connection.socket.destroy();
    return code!;
  }
}

/** Goes through unmasked frames up to the first close frame. */
function closeCodeIn(bytes: Buffer): number | null {
  for (let offset = 0; offset + 4 <= bytes.length; ) {
    const length = bytes[offset + 1]!;
    if (length >= 126) throw new RangeError("a frame longer than this reader expects");
    if (bytes[offset] === 0x88) return bytes.readUInt16BE(offset + 2);
    offset += 2 + length;
  }
  return null;
}
