import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { inspect } from "node:util";
import { ConnectError, type ConnectErrorCode, NoSubprotocolError } from "camp-runtime";
import { WebSocketServer } from "ws";
import { type ConnectRequest, openConnection } from "./connect.js";
import { answering, closedPort, listen } from "./loopback.test.js";
import { parseRetryAfter } from "./received-refusal.js";
import { selfSigned } from "./self-signed.test.js";

const secret = "hunter2-secret";

function request(port: number, changes: Partial<ConnectRequest> & { scheme?: string } = {}): ConnectRequest {
  const { scheme = "ws", ...rest } = changes;
  return {
    url: new URL(`${scheme}://localhost:${port}/?authorization=Bearer%20${secret}`),
    subprotocol: "camp",
    alsoOffered: [],
    headers: {},
    tls: undefined,
    masking: "auto",
    maxPayload: 1024,
    signal: new AbortController().signal,
    ...rest,
  };
}

/** The error of an attempt that fails, which tells the host and nothing of the request. */
async function failure(attempt: Promise<unknown>, code: ConnectErrorCode): Promise<ConnectError> {
  const error: unknown = await attempt.then(
    () => assert.fail("must not connect"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ConnectError, inspect(error));
  assert.equal(error.code, code, inspect(error));
  assert.match(error.message, /^localhost:\d+ /);
  const printed = inspect(error, { depth: 8, showHidden: true }) + JSON.stringify(error) + error.stack;
  assert.ok(!printed.includes(secret) && !printed.includes("authorization"), printed);
  return error;
}

/** A server that does the handshake and selects a subprotocol, or none. */
async function webSocketServer(
  t: TestContext,
  select: string | false,
): Promise<{ port: number; server: WebSocketServer }> {
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => select });
  const http = createHttpServer();
  http.on("upgrade", (message, socket, head) => {
    server.handleUpgrade(message, socket, head, (ws) => server.emit("connection", ws, message));
  });
  return { port: await listen(t, http), server };
}

test("opens a connection and keeps what came in the packet of the answer", async (t) => {
  const { port, server } = await webSocketServer(t, "camp");
  server.on("connection", (ws) => ws.send(Buffer.from("first frame")));
  const { transport, subprotocol, remoteAddress } = await openConnection(request(port));
  t.after(() => transport.terminate());
  assert.equal(subprotocol, "camp");
  assert.match(remoteAddress ?? "", /127\.0\.0\.1|::1/);
  await new Promise((resolve) => setImmediate(resolve));
  const first = new Promise<string>((resolve) => {
    transport.drive({
      received: (bytes) => resolve(Buffer.from(bytes).toString()),
      receivedText() {},
      writable() {},
      tick() {},
      closed() {},
    });
  });
  transport.start();
  assert.equal(await first, "first frame");
});

test("offers no compression, and sends the caller's headers", async (t) => {
  const { port, server } = await webSocketServer(t, "camp");
  const [opened, [, message]] = await Promise.all([
    openConnection(request(port, { headers: { "X-Own": "1" } })),
    once(server, "connection"),
  ]);
  opened.transport.terminate();
  assert.equal(message.headers["x-own"], "1");
  assert.equal(message.headers["sec-websocket-protocol"], "camp");
  assert.equal(message.headers["sec-websocket-extensions"], undefined);
});

const statuses: [status: number, code: ConnectErrorCode, body?: string][] = [
  [400, "BAD_REQUEST"],
  [401, "UNAUTHORIZED"],
  [401, "UNAUTHORIZED", "the token has already expired"],
  [401, "DUPLICATE_SESSION", "a session with this id is in use"],
  [401, "DUPLICATE_SESSION", "Session already exists"],
  [403, "FORBIDDEN"],
  [404, "BAD_REQUEST"],
  [409, "DUPLICATE_SESSION"],
  [500, "UNAVAILABLE"],
  [503, "UNAVAILABLE"],
];
for (const [status, code, body = ""] of statuses) {
  test(`status ${status}${body && ` with the body "${body}"`} rejects with ${code}`, async (t) => {
    const port = await answering(t, (_, response) => response.writeHead(status).end(body));
    const error = await failure(openConnection(request(port)), code);
    assert.equal(error.status, status);
  });
}

test("a server that sends back the request cannot get it into the error", async (t) => {
  const echo: RequestListener = (message, response) => {
    response.statusMessage = "no";
    response.writeHead(401, { "X-Echo": message.url ?? "" }).end(message.url);
  };
  await failure(openConnection(request(await answering(t, echo))), "UNAUTHORIZED");
  const tcp = createTcpServer((socket) => socket.once("data", (data) => socket.end(data)));
  await failure(openConnection(request(await listen(t, tcp))), "VERSION");
});

test("Retry-After is told in milliseconds", async (t) => {
  const port = await answering(t, (_, response) => response.writeHead(503, { "Retry-After": "7" }).end());
  const error = await failure(openConnection(request(port)), "UNAVAILABLE");
  assert.equal(error.retryAfterMs, 7000);
  const nowMs = Date.parse("2025-01-01T00:00:00Z");
  assert.equal(parseRetryAfter("Wed, 01 Jan 2025 00:00:09 GMT", nowMs), 9000);
  assert.equal(parseRetryAfter("Wed, 01 Jan 2020 00:00:00 GMT", nowMs), 0);
  assert.equal(parseRetryAfter("soon", nowMs), undefined);
});

test("of an endless refusal only the beginning is read", async (t) => {
  const left = new Promise<void>((resolve) => {
    void answering(t, (_, response) => {
      response.writeHead(401);
      const write = () => {
        while (response.write("a session with this id is in use ".repeat(1000)));
      };
      response.on("drain", write).on("close", resolve);
      write();
    }).then(async (port) => failure(openConnection(request(port)), "DUPLICATE_SESSION"));
  });
  await left;
});

test("a refusal whose body does not come is told by its status", async (t) => {
  const port = await answering(t, (_, response) => {
    response.writeHead(401, { "Content-Length": "100" });
    response.write("a session");
  });
  await failure(openConnection(request(port)), "UNAUTHORIZED");
});

test("a port where nothing listens rejects with REFUSED and the system's error as cause", async () => {
  const error = await failure(openConnection(request(await closedPort())), "REFUSED");
  assert.match(error.message, /ECONNREFUSED/);
  assert.equal((error.cause as NodeJS.ErrnoException).code, "ECONNREFUSED");
});

test("a server that hangs up without an answer rejects with REFUSED", async (t) => {
  const tcp = createTcpServer((socket) => socket.once("data", () => socket.destroy()));
  await failure(openConnection(request(await listen(t, tcp))), "REFUSED");
});

test("a server that speaks something else rejects with VERSION", async (t) => {
  const tcp = createTcpServer((socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n"));
  await failure(openConnection(request(await listen(t, tcp))), "VERSION");
});

test("a server that selects a subprotocol of its own rejects with VERSION", async (t) => {
  const { port } = await webSocketServer(t, "other");
  await failure(openConnection(request(port)), "VERSION");
});

test("a server that selects no subprotocol is told apart, and can be asked without", async (t) => {
  const { port } = await webSocketServer(t, false);
  const error = await failure(openConnection(request(port)), "VERSION");
  assert.ok(error instanceof NoSubprotocolError);
  const { transport, subprotocol } = await openConnection(request(port, { subprotocol: null }));
  transport.terminate();
  assert.equal(subprotocol, undefined);
});

test("an abort rejects with its reason and leaves no connection behind", async (t) => {
  const tcp = createTcpServer();
  const port = await listen(t, tcp);
  const controller = new AbortController();
  const reason = new Error("enough");
  const rejected = assert.rejects(
    openConnection(request(port, { signal: controller.signal })),
    (error) => error === reason,
  );
  const [socket] = (await once(tcp, "connection")) as [Socket];
  controller.abort(reason);
  await Promise.all([rejected, once(socket.resume(), "close")]);
  await assert.rejects(openConnection(request(port, { signal: controller.signal })), (error) => error === reason);
});

const certificate = selfSigned();

async function tlsServer(t: TestContext): Promise<number> {
  const https = createHttpsServer(certificate);
  const server = new WebSocketServer({ server: https });
  t.after(() => server.close());
  return listen(t, https);
}

test("a certificate that is trusted opens a secure connection", async (t) => {
  const port = await tlsServer(t);
  const { transport } = await openConnection(request(port, { scheme: "wss", tls: { ca: certificate.cert } }));
  transport.terminate();
});

test("a certificate that nobody vouches for rejects with TLS, unless that is allowed", async (t) => {
  const port = await tlsServer(t);
  const error = await failure(openConnection(request(port, { scheme: "wss" })), "TLS");
  assert.match(error.message, /DEPTH_ZERO_SELF_SIGNED_CERT/);
  const { transport } = await openConnection(request(port, { scheme: "wss", tls: { rejectUnauthorized: false } }));
  transport.terminate();
});

test("a certificate for another name rejects with TLS", async (t) => {
  const port = await tlsServer(t);
  const tls = { ca: certificate.cert, servername: "example.org" };
  const error = await failure(openConnection(request(port, { scheme: "wss", tls })), "TLS");
  assert.match(error.message, /ERR_TLS_CERT_ALTNAME_INVALID/);
});

test("a secure connection to a server without TLS rejects with TLS", async (t) => {
  const port = await answering(t, (_, response) => response.end());
  await failure(openConnection(request(port, { scheme: "wss" })), "TLS");
});

test("a certificate that is none rejects with TLS before anything is sent", async () => {
  await failure(openConnection(request(1, { scheme: "wss", tls: { key: "none", cert: "none" } })), "TLS");
});
