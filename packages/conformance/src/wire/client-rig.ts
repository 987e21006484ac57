import assert from "node:assert/strict";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { CAMP, type CampClientOptions, type CAMPClientWebsocketSession as Session } from "camp-client-node";
import type { WebSocket } from "ws";
import { HandMadeServer, type HandMadeServerOptions } from "./hand-made-server.js";
import { Peer, type PeerHabits } from "./peer.js";
import { token } from "./rig.js";

export interface ClientRigOptions extends PeerHabits, HandMadeServerOptions {}

/** A CAMP server by hand, and clients of ours. */
export class ClientRig extends HandMadeServer<Session, Peer, ClientRigOptions> {
  static async start(context: TestContext, options: ClientRigOptions = {}): Promise<ClientRig> {
    const rig = new ClientRig(options);
    await rig.listen();
    context.after(() => rig.stop());
    return rig;
  }

  /** A client of ours, and the peer that it got. By default it does not reconnect. */
  async connect(options: CampClientOptions = {}): Promise<{ client: Session; peer: Peer }> {
    const client = await this.dial(options);
    const peer = await this.nextPeer();
    await peer.connected();
    return { client, peer };
  }

  async dial(options: CampClientOptions = {}): Promise<Session> {
    return this.keep(await CAMP(this.host, token, { reconnect: false, ...options }));
  }

  protected admit(socket: WebSocket, query: URLSearchParams): Peer {
    return new Peer(socket, BigInt(query.get("x-CAMP-sid")!), this.options);
  }
}

/** The client still works: a message of the peer arrives, and so does one of its own. */
export async function works(client: Session, peer: Peer): Promise<void> {
  const heard = once(client, "message-utf8");
  const ack = peer.utf8("are you well?");
  assert.deepEqual(await heard, ["are you well?"]);
  await peer.takeAck(ack);
  assert.equal(await client.base.SendUTF8("I am"), true);
  assert.equal((await peer.take("utf8")).text, "I am");
}
