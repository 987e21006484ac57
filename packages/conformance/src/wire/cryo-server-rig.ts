import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { TestContext } from "node:test";
import {
  cryo,
  type CryoWebsocketServer as Server,
  type ICryoWebsocketServerOptions as ServerOptions,
  type CryoServerWebsocketSession as Session,
} from "cryo-server";
import { WebSocket } from "ws";
import { type CryoHabits, CryoPeer } from "./cryo-peer.js";
import { Rig, settle, token } from "./rig.js";

export interface CryoRigOptions extends Partial<ServerOptions> {
  /** Runs for each session at admission, instead of the echo. */
  readonly onSession?: (session: Session) => void;
  readonly validate?: Parameters<typeof cryo>[0]["validate"];
}

export interface CryoConnectOptions extends CryoHabits {
  readonly id?: string;
}

/** A Cryo server of ours, with CALE unless told otherwise, and raw peers that talk to it. */
export class CryoServerRig extends Rig<Session, Server, CryoPeer, CryoConnectOptions> {
  readonly #cale: boolean;

  private constructor(server: Server, onSession: (session: Session) => void, cale: boolean) {
    super(server, onSession);
    this.#cale = cale;
  }

  /** Starts a server that ends with the test. */
  static async start(context: TestContext, options: CryoRigOptions = {}): Promise<CryoServerRig> {
    const { onSession = echo, validate = async (given) => given === token, ...serverOptions } = options;
    const server = await cryo({ validate }, { port: 0, host: "127.0.0.1", use_cale: true, ...serverOptions });
    await once(server, "listening");
    const rig = new CryoServerRig(server, onSession, options.use_cale ?? true);
    context.after(() => rig.stop());
    return rig;
  }

  protected dial(options: CryoConnectOptions): CryoPeer {
    const id = options.id ?? randomUUID();
    const query = `authorization=${encodeURIComponent(`Bearer ${token}`)}&x-cryo-sid=${id}`;
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}/?${query}`, { perMessageDeflate: false });
    return new CryoPeer(socket, id, "client", { cale: this.#cale, ...options });
  }

  protected idOf(peer: CryoPeer): string {
    return peer.make.id.toLowerCase();
  }

  protected introduced(peer: CryoPeer): Promise<unknown> {
    return peer.connected();
  }
}

function echo(session: Session): void {
  session.on("message-utf8", (text) => {
    settle(session.SendUTF8(text));
  });
  session.on("message-binary", (bytes) => {
    settle(session.SendBinary(bytes));
  });
}
