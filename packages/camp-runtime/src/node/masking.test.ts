import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { TLSSocket } from "node:tls";
import type { SessionInputs } from "camp-session";
import { type WebSocket, WebSocketServer } from "ws";
import { openConnection } from "./connect.js";
import { listen } from "./loopback.test.js";
import { type Masking, maskFor } from "./masking.js";
import { selfSigned } from "./self-signed.test.js";

const addresses: [remoteAddress: string | undefined, mask: string][] = [
  ["127.0.0.1", "zero key"],
  ["127.8.0.1", "zero key"],
  ["::1", "zero key"],
  ["::ffff:127.0.0.1", "zero key"],
  ["10.127.0.1", "random key"],
  ["128.0.0.1", "random key"],
  ["1270.example", "random key"],
  ["::11", "random key"],
  ["fe80::1", "random key"],
  [undefined, "random key"],
];
for (const [remoteAddress, mask] of addresses) {
  test(`frames to ${remoteAddress} leave with a ${mask}`, () => {
    assert.equal(maskFor("auto", { remoteAddress } as Socket), mask);
    assert.equal(maskFor("always", { remoteAddress } as Socket), "random key");
  });
}

test("frames within TLS leave with a zero key, wherever they go", () => {
  const socket = new TLSSocket(new Socket());
  assert.equal(maskFor("auto", socket), "zero key");
  assert.equal(maskFor("always", socket), "random key");
});

const payload = "what is sent";

/** A session that hears nothing. */
const ignoring: SessionInputs = { received() {}, receivedText() {}, writable() {}, tick() {}, closed() {} };

/** A small message and one with a body, as a server receives them, and how the first looked on the wire. */
async function sendTo(t: TestContext, scheme: "ws" | "wss", masking: Masking) {
  const certificate = selfSigned();
  const http = scheme === "ws" ? createHttpServer() : createHttpsServer(certificate);
  const server = new WebSocketServer({ noServer: true });
  const wire: Buffer[] = [];
  const accepted = new Promise<WebSocket>((resolve) => {
    http.on("upgrade", (request, socket, head) => {
      // A copy, since the receiver unmasks where the bytes lie.
      socket.on("data", (chunk: Buffer) => wire.push(Buffer.from(chunk)));
      server.handleUpgrade(request, socket, head, resolve);
    });
  });
  const { transport } = await openConnection({
    url: new URL(`${scheme}://localhost:${await listen(t, http)}/`),
    subprotocol: null,
    alsoOffered: [],
    headers: {},
    tls: { ca: certificate.cert },
    masking,
    maxPayload: 1024,
    signal: new AbortController().signal,
  });
  const ws = await accepted;
  const received: string[] = [];
  const both = new Promise<void>((resolve) => {
    ws.on("message", (data) => received.push(String(data)) === 2 && resolve());
  });
  transport.drive(ignoring);
  transport.start();
  transport.send(Buffer.from(payload));
  transport.send(Buffer.from("head"), Buffer.alloc(70_000, "b"));
  await both;
  const closed = once(ws, "close");
  transport.terminate();
  await closed;
  return { received, first: Buffer.concat(wire).subarray(0, 6 + payload.length) };
}

for (const scheme of ["ws", "wss"] as const) {
  for (const masking of ["auto", "always"] as const) {
    test(`a server takes what arrives by ${scheme} with masking ${masking}`, async (t) => {
      const { received, first } = await sendTo(t, scheme, masking);
      assert.deepEqual(received, [payload, `head${"b".repeat(70_000)}`]);
      assert.equal(first[1], 0x80 | payload.length, "the frame must say that it carries a key");
      const isPlain = first.includes(payload);
      assert.equal(isPlain, masking === "auto");
      assert.equal(first.readUInt32BE(2) === 0, masking === "auto");
    });
  }
}
