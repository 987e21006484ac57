import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { CAMP, ConnectError } from "camp-client-node";
import { ClientRig, works } from "./client-rig.js";
import { Frames } from "./frames.js";
import { failureOf } from "./patience.js";
import { token } from "./rig.js";

const limits = { timeout: 20_000 };

describe("the upgrade request of a client", () => {
  it("carries token and id in the query, the id in both spellings, and offers camp", limits, async (context) => {
    const rig = await ClientRig.start(context);
    const { client, peer } = await rig.connect({ query: { room: "7 & more" }, headers: { "x-extra": "yes" } });
    const [request] = rig.requests;
    const query = new URL(request!.url!, "http://localhost").searchParams;
    assert.equal(query.get("authorization"), `Bearer ${token}`);
    assert.equal(query.get("x-camp-sid"), `${client.id}`);
    assert.equal(query.get("x-CAMP-sid"), `${client.id}`);
    assert.equal(query.get("room"), "7 & more");
    assert.equal(request!.headers["x-extra"], "yes");
    assert.equal(request!.headers["sec-websocket-protocol"], "camp");
    assert.equal(request!.headers["sec-websocket-extensions"], undefined, "compression is off");
    assert.equal(peer.make.sid, client.id);
    assert.ok(client.id >= 0n && client.id < 2n ** 64n);
  });

  it("offers no subprotocol the second time when the server selects none", limits, async (context) => {
    const rig = await ClientRig.start(context, { selects: () => false });
    const client = await rig.dial();
    const peer = await nextLive(rig);
    await peer.connected();
    await works(client, peer);
    assert.deepEqual(
      rig.requests.map(({ headers }) => headers["sec-websocket-protocol"]),
      ["camp", undefined],
    );
  });

  it("gives each client an id of its own, chosen at random", limits, async (context) => {
    const rig = await ClientRig.start(context);
    const ids = new Set<bigint>();
    for (let count = 0; count < 8; count++) ids.add((await rig.connect()).client.id);
    assert.equal(ids.size, 8);
    assert.ok([...ids].some((id) => id > 2n ** 53n));
  });

  for (const [status, code] of [
    [401, "UNAUTHORIZED"],
    [403, "FORBIDDEN"],
    [400, "BAD_REQUEST"],
    [409, "DUPLICATE_SESSION"],
  ] as const) {
    it(`is not repeated after ${status}`, limits, async (context) => {
      const body = "no";
      const rig = await ClientRig.start(context, {
        refuses: () => `HTTP/1.1 ${status} No\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      });
      const error = await failureOf(CAMP(rig.host, token));
      assert.ok(error instanceof ConnectError);
      assert.deepEqual([error.code, error.status], [code, status]);
      assert.ok(!`${error.message} ${error.stack}`.includes(token));
      assert.equal(rig.requests.length, 1);
    });
  }

  for (const [what, answer] of [
    ["an answer that is no HTTP", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["a wrong accept key", acceptWith("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")],
    ["half an answer", "HTTP/1.1 101 Switching"],
    [
      "a redirect",
      "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    ],
    ["a plain page", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"],
  ] as const) {
    it(`ends in a ConnectError after ${what}`, limits, async (context) => {
      const rig = await ClientRig.start(context, { refuses: () => answer });
      const error = await failureOf(CAMP(rig.host, token, { timeout: 150 }));
      assert.ok(error instanceof ConnectError, String(error));
      assert.ok(!`${error.message} ${error.stack}`.includes(token));
    });
  }
});

describe("a client and a server that is quick", () => {
  it("loses nothing of what comes with the 101 answer", limits, async (context) => {
    const server = await quickServer(context);
    const client = await CAMP(server.host, token, { reconnect: false });
    context.after(() => client.Destroy());
    const connected = once(client, "connected");
    const text = once(client, "message-utf8");
    await connected;
    assert.deepEqual(await text, ["early bird"]);
  });

  it("hears that the session ended before it began", limits, async (context) => {
    const server = await quickServer(context, true);
    const client = await CAMP(server.host, token, { reconnect: false });
    context.after(() => client.Destroy());
    const seen: string[] = [];
    client.on("connected", () => seen.push("connected"));
    client.on("message-utf8", (heard) => seen.push(heard));
    const closed = once(client, "closed");
    assert.deepEqual(await closed, [4000, "and gone"]);
    assert.deepEqual(seen, ["connected", "early bird"]);
  });
});

function acceptWith(key: string): string {
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  return [...head, `Sec-WebSocket-Accept: ${key}`, "Sec-WebSocket-Protocol: camp", "", ""].join("\r\n");
}

/** A server whose 101 answer, ENDPOINT_INFO and first message, and perhaps BYE, leave in a single write. */
async function quickServer(context: TestContext, leaves = false): Promise<{ host: string }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (request: Buffer) => {
      const key = /sec-websocket-key: (.*)\r\n/i.exec(request.toString("latin1"))![1]!;
      const sid = BigInt(/x-CAMP-sid=(\d+)/.exec(request.toString("latin1"))![1]!);
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      const make = new Frames(sid);
      const frames = [make.info(0), make.utf8(1, "early bird"), ...(leaves ? [make.bye(2, "and gone")] : [])];
      socket.write(Buffer.concat([Buffer.from(acceptWith(accept)), ...frames.map(unmasked)]));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A WebSocket message as servers send it, shorter than 126 bytes. */
const unmasked = (frame: Buffer): Buffer => Buffer.concat([Buffer.of(0x82, frame.length), frame]);

/** The peer of the attempt that the client stays with. */
async function nextLive(rig: ClientRig): Promise<Awaited<ReturnType<ClientRig["nextPeer"]>>> {
  await rig.nextPeer();
  return rig.nextPeer();
}
