import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { type CryoClientWebsocketSession as Client, cryo } from "cryo-client-node";
import { WebSocket, WebSocketServer } from "ws";
import type { CryoFrame } from "./cryo-frames.js";
import { CryoPeer } from "./cryo-peer.js";
import { CryoServerRig } from "./cryo-server-rig.js";
import { within } from "./patience.js";
import { token } from "./rig.js";

const limits = { timeout: 20_000 };

type Connect = (towardsClient: WebSocket, towardsServer: WebSocket, id: string) => void;

/** Stands between a client and a server, both of ours, and has the upgrade request before its eyes. */
async function stand(context: TestContext, rig: CryoServerRig, connect: Connect): Promise<string> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (towardsClient, request) => {
    const towardsServer = new WebSocket(`ws://127.0.0.1:${rig.port}${request.url}`);
    context.after(() => towardsServer.terminate());
    context.after(() => towardsClient.terminate());
    const query = new URL(request.url!, "http://localhost").searchParams;
    assert.equal(query.get("authorization"), `Bearer ${token}`, "CALE does not hide the token");
    towardsServer.once("open", () => connect(towardsClient, towardsServer, query.get("x-cryo-sid")!));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  context.after(() => http.close());
  return `127.0.0.1:${(http.address() as AddressInfo).port}`;
}

async function dial(context: TestContext, host: string): Promise<Client> {
  const client = await cryo(host, token, { use_cale: true, reconnect: false });
  context.after(() => client.Destroy());
  await within(once(client, "secure"), () => new Error("the client does not become secure"));
  return client;
}

const onlySession = (rig: CryoServerRig) => [...rig.server.sessions.values()][0]!;

describe("somebody between two ends that use CALE", () => {
  it("who only listens learns nothing, and both ends have the same channel binding", limits, async (context) => {
    const rig = await CryoServerRig.start(context);
    const overheard: Buffer[] = [];
    const host = await stand(context, rig, (towardsClient, towardsServer) => {
      for (const [from, to] of [
        [towardsClient, towardsServer],
        [towardsServer, towardsClient],
      ] as const) {
        from.on("message", (data: Buffer) => {
          overheard.push(data);
          to.send(data);
        });
      }
    });
    const client = await dial(context, host);
    assert.equal(await client.SendUTF8("for your eyes only"), true);
    assert.ok(overheard.length > 4);
    assert.ok(!overheard.some((message) => message.includes("eyes only")));
    assert.ok(client.channelBinding !== null);
    assert.deepEqual(client.channelBinding, onlySession(rig).channelBinding);
  });

  it("who shakes hands with both reads everything; only the channel bindings differ", limits, async (context) => {
    const rig = await CryoServerRig.start(context);
    const overheard: string[] = [];
    const host = await stand(context, rig, (towardsClient, towardsServer, id) => {
      const server = new CryoPeer(towardsServer, id, "client");
      const relay = ({ name, text }: CryoFrame): void => {
        if (name !== "utf8") return;
        overheard.push(text!);
        server.utf8(text!.replace("100", "999"));
      };
      void server.connected().then(() => new CryoPeer(towardsClient, id, "server", { onFrame: relay }));
    });
    const client = await dial(context, host);
    const session = onlySession(rig);
    const heard = once(session, "message-utf8");
    assert.equal(await client.SendUTF8("pay 100"), true);
    assert.deepEqual(await heard, ["pay 999"]);
    assert.deepEqual(overheard, ["pay 100"]);
    assert.equal(client.secure && session.secure, true, "neither end sees it");
    assert.notDeepEqual(client.channelBinding, session.channelBinding);
  });
});
