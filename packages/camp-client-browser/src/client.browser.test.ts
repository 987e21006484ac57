import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { type TestContext, test } from "node:test";
import { openPage, servePages } from "browser-testing";
import { type CAMPServerWebsocketSession, type CAMPWebsocketServer, camp as serve } from "camp-server";

/** A server on a free port that ends with its test. */
async function startServer(t: TestContext, port = 0): Promise<CAMPWebsocketServer> {
  const server = await serve({ validate: async (token) => token === "secret" }, { port, host: "127.0.0.1" });
  if (server.port === null) await once(server, "listening");
  t.after(() => server.Destroy());
  return server;
}

function echo(session: CAMPServerWebsocketSession): void {
  session.on("message-utf8", (text) => void session.base.SendUTF8(text));
  session.on("message-binary", (bytes) => void session.base.SendBinary(bytes));
}

test("texts and bytes come back as they were sent: empty, 1 MiB, every plane of Unicode, with a byte order mark", async (t) => {
  const server = await startServer(t);
  server.on("session", echo);
  const page = await openPage(t);
  const faults = await page.evaluate(async (host) => {
    const { camp } = await import("camp-client-browser");
    const session = await camp(host, "secret");
    const next = (event: "message-utf8" | "message-binary") =>
      new Promise<string | Uint8Array>((resolve) => void session.once(event, (...args) => resolve(args[0])));
    const planes = Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 0x10000 + 0x41)).join("");
    const texts = ["", "\uFEFFmark", planes, "é".repeat(512 * 1024)];
    const faults: string[] = [];
    for (const text of texts) {
      const answer = next("message-utf8");
      if (!(await session.base.SendUTF8(text))) faults.push("not acknowledged");
      if ((await answer) !== text) faults.push(`text of ${text.length}`);
    }
    for (const size of [0, 1, 1024 * 1024]) {
      const bytes = Uint8Array.from({ length: size }, (_, index) => index % 251);
      const answer = next("message-binary");
      await session.base.SendBinary(bytes);
      const received = (await answer) as Uint8Array;
      if (!(received instanceof Uint8Array) || received.length !== size) faults.push(`bytes of ${size}`);
      if (received.some((byte, index) => byte !== bytes[index])) faults.push(`content of ${size}`);
    }
    if (!((await session.base.Ping()) >= 0)) faults.push("ping");
    await session.Close("done");
    if (session.state !== "closed") faults.push(session.state);
    return faults;
  }, `127.0.0.1:${server.port}`);
  assert.deepEqual(faults, []);
});

test("events work in both styles, once each", async (t) => {
  const server = await startServer(t);
  server.on("session", echo);
  const page = await openPage(t);
  const log = await page.evaluate(async (host) => {
    const { camp } = await import("camp-client-browser");
    const session = await camp(host, "secret");
    const log: unknown[] = [];
    session.on("connected", () => log.push("connected"));
    session.on("message-utf8", (text) => log.push(["on", text]));
    session.once("message-utf8", (text) => log.push(["once", text]));
    session.addEventListener("message-utf8", (event) => log.push(["event", event.data]));
    const removed = () => log.push("removed");
    session.on("message-utf8", removed).off("message-utf8", removed);
    session.on("error", (error) => log.push(error.message));
    session.once("message-utf8", () => {
      throw new Error("a listener's own");
    });
    const second = new Promise((resolve) => session.on("message-utf8", (text) => text === "two" && resolve(null)));
    await session.base.SendUTF8("one");
    await session.base.SendUTF8("two");
    await second;
    session.Destroy();
    return log;
  }, `127.0.0.1:${server.port}`);
  assert.deepEqual(log, [
    "connected",
    ["on", "one"],
    ["once", "one"],
    "a listener's own",
    ["event", "one"],
    ["on", "two"],
    ["event", "two"],
  ]);
});

const fileBytes = 256 * 1024 * 1024;

for (const behaviour of ["push", "pull"] as const) {
  test(`a file of 256 MiB goes up by ${behaviour} unchanged, in flat memory`, async (t) => {
    const server = await startServer(t);
    const hashed = new Promise<string>((resolve, reject) => {
      server.on("session", (session) => {
        const read = async () => {
          const hash = createHash("sha256");
          for await (const chunk of await session.transaction.WaitForStream("up")) hash.update(chunk);
          return hash.digest("hex");
        };
        read().then(resolve, reject);
      });
    });
    const page = await openPage(t);
    const result = await page.evaluate(
      async ({ host, behaviour, fileBytes }) => {
        const { camp } = await import("camp-client-browser");
        const session = await camp(host, "secret");
        const piece = crypto.getRandomValues(new Uint8Array(65_536));
        const file = new File(
          Array.from({ length: fileBytes / piece.length }, () => piece),
          "big.bin",
        );
        const heapBefore = usedHeap();
        let heapMax = 0;
        await session.transaction.Stream(file, {
          streamName: "up",
          behaviour,
          onProgress: () => {
            heapMax = Math.max(heapMax, usedHeap());
          },
        });
        await session.Close();
        return { piece: Array.from(piece), grown: heapMax - heapBefore };
        function usedHeap(): number {
          return (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize;
        }
      },
      { host: `127.0.0.1:${server.port}`, behaviour, fileBytes },
    );
    const hash = createHash("sha256");
    const piece = Buffer.from(result.piece);
    for (let sent = 0; sent < fileBytes; sent += piece.length) hash.update(piece);
    assert.equal(await hashed, hash.digest("hex"));
    assert.ok(result.grown < fileBytes / 2, `the heap grew by ${result.grown} bytes`);
  });

  test(`256 MiB come down by ${behaviour} unchanged, in flat memory`, async (t) => {
    const server = await startServer(t);
    const piece = randomBytes(1024 * 1024);
    async function* pieces() {
      for (let sent = 0; sent < fileBytes; sent += piece.length) yield piece;
    }
    server.on("session", (session) => void session.transaction.Stream(pieces(), { streamName: "down", behaviour }));
    const page = await openPage(t);
    const result = await page.evaluate(async (host) => {
      const { camp } = await import("camp-client-browser");
      const session = await camp(host, "secret");
      const stream = await session.transaction.WaitForStream("down");
      const used = () => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize;
      const heapBefore = used();
      let [bytes, heapMax, first] = [0, 0, ""];
      const mebibyte = new Uint8Array(1024 * 1024);
      const hex = async () =>
        Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", mebibyte)), (byte) => byte.toString(16)).join();
      let repeats = true;
      for await (const chunk of stream) {
        for (let at = 0; at < chunk.length; ) {
          const offset = bytes % mebibyte.length;
          const part = chunk.subarray(at, at + mebibyte.length - offset);
          mebibyte.set(part, offset);
          at += part.length;
          bytes += part.length;
          if (bytes % mebibyte.length !== 0) continue;
          const hash = await hex();
          first ||= hash;
          repeats &&= hash === first;
        }
        heapMax = Math.max(heapMax, used());
      }
      session.Destroy();
      return { bytes, repeats, first, grown: heapMax - heapBefore };
    }, `127.0.0.1:${server.port}`);
    const expected = Array.from(createHash("sha256").update(piece).digest(), (byte) => byte.toString(16)).join();
    assert.deepEqual([result.bytes, result.repeats, result.first], [fileBytes, true, expected]);
    assert.ok(result.grown < fileBytes / 2, `the heap grew by ${result.grown} bytes`);
  });
}

test("a stream can be cancelled from either end, and piped", async (t) => {
  const server = await startServer(t);
  const ends: Promise<unknown>[] = [];
  server.on("session", (session) => {
    async function* endless() {
      for (;;) yield Buffer.alloc(65_536);
    }
    ends.push(session.transaction.Stream(endless(), { streamName: "endless" }).catch((error: Error) => error.name));
    void session.transaction.Stream(Buffer.from("piped"), { streamName: "short" });
    ends.push(
      session.transaction.WaitForStream("upload").then((stream) => {
        stream.cancel("enough");
      }),
    );
  });
  const page = await openPage(t);
  const result = await page.evaluate(async (host) => {
    const { camp } = await import("camp-client-browser");
    const session = await camp(host, "secret");
    const upload = session.transaction
      .Stream(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) }), {
        streamName: "upload",
      })
      .catch((error: Error) => error.name);
    for await (const chunk of await session.transaction.WaitForStream("endless")) if (chunk.length > 0) break;
    const short = await new Response(await session.transaction.WaitForStream("short")).text();
    const result = [await upload, short, session.state];
    await session.Close();
    return result;
  }, `127.0.0.1:${server.port}`);
  assert.deepEqual(result, ["StreamCancelledError", "piped", "open"]);
  assert.equal((await Promise.all(ends))[0], "StreamCancelledError");
});

test("a client comes back to a server that was killed and started again, and sends what was not acknowledged", async (t) => {
  const first = await startServer(t);
  const { port } = first;
  const page = await openPage(t);
  await page.evaluate(async (host) => {
    const { camp } = await import("camp-client-browser");
    const session = await camp(host, "secret", { reconnect: { minDelayMs: 50 } });
    const log: string[] = [];
    for (const event of ["disconnected", "reconnected"] as const) session.on(event, () => log.push(event));
    await session.base.SendUTF8("before");
    Object.assign(globalThis, { session, log });
  }, `127.0.0.1:${port}`);
  for (const session of first.sessions.values()) session.Destroy();
  await first.Destroy();
  await page.evaluate(() => {
    const { session } = globalThis as unknown as { session: { base: { SendUTF8(text: string): Promise<boolean> } } };
    Object.assign(globalThis, { sent: session.base.SendUTF8("after") });
  });
  const second = await startServer(t, port ?? 0);
  const [session] = (await once(second, "session")) as [CAMPServerWebsocketSession];
  assert.deepEqual(await once(session, "message-utf8"), ["after"]);
  const result = await page.evaluate(async () => {
    const { sent, log } = globalThis as unknown as { sent: Promise<boolean>; log: string[] };
    return [await sent, ...log];
  });
  assert.deepEqual(result, [true, "disconnected", "reconnected"]);
});

test("two tabs are two sessions", async (t) => {
  const server = await startServer(t);
  server.on("session", echo);
  const pages = await Promise.all([openPage(t), openPage(t)]);
  const ids = await Promise.all(
    pages.map((page) =>
      page.evaluate(async (host) => {
        const { camp } = await import("camp-client-browser");
        const session = await camp(host, "secret");
        await session.base.SendUTF8("here");
        Object.assign(globalThis, { session });
        return String(session.id);
      }, `127.0.0.1:${server.port}`),
    ),
  );
  assert.equal(new Set(ids).size, 2);
  assert.deepEqual([...server.sessions.keys()].map(String).sort(), ids.sort());
});

test("what keeps a page from connecting is a typed error, each of its own where a browser can know it", async (t) => {
  const camps = await startServer(t);
  const plain = createServer((_request, response) => response.writeHead(404).end()).listen(0, "127.0.0.1");
  const tcp = createTcpServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  const gone = createTcpServer().listen(0, "127.0.0.1");
  await Promise.all([plain, tcp, gone].map((server) => once(server, "listening")));
  const portOf = (server: { address(): unknown }) => (server.address() as { port: number }).port;
  const ports = { camp: camps.port, http: portOf(plain), tcp: portOf(tcp), gone: portOf(gone) };
  gone.close();
  t.after(() => {
    plain.closeAllConnections();
    plain.close();
    tcp.close();
  });
  const page = await openPage(t, { server: await servePages(t) });
  const codes = await page.evaluate(async (ports) => {
    const { camp } = await import("camp-client-browser");
    const codeOf = async (port: unknown, token = "secret") =>
      camp(`127.0.0.1:${port}`, token, { timeout: 1500 }).then(
        () => "connected",
        (error: { code: string; message: string }) => `${error.code}${error.message.includes(token) ? " leaked" : ""}`,
      );
    return {
      refused: await codeOf(ports.gone),
      token: await codeOf(ports.camp, "wrong-token"),
      http: await codeOf(ports.http),
      tcp: await codeOf(ports.tcp),
      option: await camp("x", "y", { timeout: -1 }).catch((error: { name: string }) => error.name),
    };
  }, ports);
  assert.deepEqual(codes, {
    refused: "REFUSED",
    token: "REJECTED",
    http: "REJECTED",
    tcp: "REFUSED",
    option: "OptionsError",
  });
  await page.context().setOffline(true);
  const offline = await page.evaluate(async (port) => {
    const { camp } = await import("camp-client-browser");
    return camp(`insecure.test:${port}`, "secret", { timeout: 500 }).catch((error: { code: string }) => error.code);
  }, ports.gone);
  assert.equal(offline, "OFFLINE");
});
