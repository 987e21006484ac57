import assert from "node:assert/strict";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { type CryoClientOptions, cryo, type CryoClientWebsocketSession as Session } from "cryo-client-node";
import type { WebSocket } from "ws";
import { type CryoHabits, CryoPeer } from "./cryo-peer.js";
import { HandMadeServer, type HandMadeServerOptions } from "./hand-made-server.js";
import { token } from "./rig.js";

export interface CryoClientRigOptions extends CryoHabits, HandMadeServerOptions {}

/** A Cryo server by hand, with CALE unless told otherwise, and clients of ours. */
export class CryoClientRig extends HandMadeServer<Session, CryoPeer, CryoClientRigOptions> {
  static async start(context: TestContext, options: CryoClientRigOptions = {}): Promise<CryoClientRig> {
    const rig = new CryoClientRig(options);
    await rig.listen();
    context.after(() => rig.stop());
    return rig;
  }

  /** A client of ours, and the peer that it got. By default it does not reconnect. */
  async connect(options: Partial<CryoClientOptions> = {}): Promise<{ client: Session; peer: CryoPeer }> {
    const client = await this.dial(options);
    const peer = await this.nextPeer();
    await peer.connected();
    return { client, peer };
  }

  async dial(options: Partial<CryoClientOptions> = {}): Promise<Session> {
    const use_cale = this.options.cale !== false;
    return this.keep(await cryo(this.host, token, { use_cale, reconnect: false, ...options }));
  }

  protected admit(socket: WebSocket, query: URLSearchParams): CryoPeer {
    return new CryoPeer(socket, query.get("x-cryo-sid")!, "server", this.options);
  }
}

/** The client still works: a message of the peer arrives, and so does one of its own. */
export async function worksInCryo(client: Session, peer: CryoPeer): Promise<void> {
  const heard = once(client, "message-utf8");
  const ack = peer.utf8("are you well?");
  assert.deepEqual(await heard, ["are you well?"]);
  await peer.takeAck(ack);
  assert.equal(await client.SendUTF8("I am"), true);
  assert.equal((await peer.take("utf8")).text, "I am");
}
