import { once } from "node:events";
import type { TestContext } from "node:test";
import {
  CAMP,
  type CAMPWebsocketServer as Server,
  type ICAMPWebsocketServerOptions as ServerOptions,
  type CAMPServerWebsocketSession as Session,
} from "camp-server";
import { WebSocket } from "ws";
import { Peer, type PeerHabits } from "./peer.js";
import { Rig, settle, token } from "./rig.js";

let lastSid = 0x1000_0000_0000_0000n;
/** An id that no other session of this process has. */
export const newSid = (): bigint => lastSid++;

export interface RigOptions extends ServerOptions {
  /** Runs for each session at admission, instead of the echo. */
  readonly onSession?: (session: Session) => void;
  readonly validate?: Parameters<typeof CAMP>[0]["validate"];
}

export interface ConnectOptions extends PeerHabits {
  readonly sid?: bigint;
  readonly subprotocols?: readonly string[];
}

/** A CAMP server of ours and raw peers that talk to it. */
export class ServerRig extends Rig<Session, Server, Peer, ConnectOptions> {
  /** Starts a server that ends with the test. */
  static async start(context: TestContext, options: RigOptions = {}): Promise<ServerRig> {
    const { onSession = echo, validate = async (given) => given === token, ...serverOptions } = options;
    const server = await CAMP({ validate }, { port: 0, host: "127.0.0.1", ...serverOptions });
    await once(server, "listening");
    const rig = new ServerRig(server, onSession);
    context.after(() => rig.stop());
    return rig;
  }

  protected dial(options: ConnectOptions): Peer {
    const sid = options.sid ?? newSid();
    const query = `authorization=${encodeURIComponent(`Bearer ${token}`)}&x-CAMP-sid=${sid}`;
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}/?${query}`, [...(options.subprotocols ?? [])], {
      perMessageDeflate: false,
    });
    return new Peer(socket, sid, options);
  }

  protected idOf(peer: Peer): bigint {
    return peer.make.sid;
  }

  protected introduced(peer: Peer): Promise<unknown> {
    return peer.connected();
  }
}

function echo(session: Session): void {
  session.on("message-utf8", (text) => {
    settle(session.base.SendUTF8(text));
  });
  session.on("message-binary", (bytes) => {
    settle(session.base.SendBinary(bytes));
  });
}
