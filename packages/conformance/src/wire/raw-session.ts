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

  /** The code of the close frame with which the server ends the connection. */
  async closeCode(): Promise<number> {
    await this.connection.ended();
    const received = this.connection.received;
    const at = received.indexOf("\r\n\r\n") + 4;
    for (let offset = at; offset + 4 <= received.length; ) {
      const length = received[offset + 1]!;
      if (length >= 126) throw new RangeError("a frame longer than this reader expects");
      if (received[offset] === 0x88) return received.readUInt16BE(offset + 2);
      offset += 2 + length;
    }
    throw new Error(`no close frame in ${received.subarray(at).toString("hex")}`);
  }
}
