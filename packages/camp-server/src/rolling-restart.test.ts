import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, connect as tcp } from "node:net";
import { type TestContext, test } from "node:test";
import { camp as connect } from "camp-client-node";
import { type CAMPWebsocketServer, camp } from "./index.js";

/** What a balancer does: hands each new connection to the server that is up. */
async function proxy(t: TestContext, target: () => number): Promise<number> {
  const server = createServer((near) => {
    const far = tcp(target(), "127.0.0.1");
    near.on("error", () => far.destroy()).on("close", () => far.destroy());
    far.on("error", () => near.destroy()).on("close", () => near.destroy());
    near.pipe(far).pipe(near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test("servers restart one after another behind a proxy, and no message of any client is lost", async (t) => {
  const received = new Map<number, number[]>();
  const servers = new Set<CAMPWebsocketServer>();
  t.after(() => Promise.all([...servers].map((server) => server.Destroy())));
  const serve = async () => {
    const server = await camp({ validate: () => true }, { port: 0, host: "127.0.0.1" });
    servers.add(server);
    server.on("session", (session) => {
      session.on("message-utf8", (text) => {
        const [client, number] = text.split(" ").map(Number) as [number, number];
        received.get(client)!.push(number);
      });
    });
    return server;
  };

  let up = await serve();
  const port = await proxy(t, () => up.port);
  const clients = await Promise.all(
    Array.from({ length: 10 }, async (_, client) => {
      received.set(client, []);
      const session = await connect(`127.0.0.1:${port}`, "any", { reconnect: { minDelayMs: 1, maxDelayMs: 20 } });
      t.after(() => session.Destroy());
      return session;
    }),
  );
  let running = true;
  const sent = clients.map(async (session, client) => {
    let number = 0;
    while (running) await session.base.SendUTF8(`${client} ${number++}`);
    return number;
  });

  for (let restart = 0; restart < 3; restart++) {
    const old = up;
    const reconnected = clients.map((session) => once(session, "reconnected"));
    up = await serve();
    await old.Drain({ deadlineMs: 2000 });
    await Promise.all(reconnected);
  }
  running = false;
  for (const [client, count] of (await Promise.all(sent)).entries()) {
    const unique = [...new Set(received.get(client)!)];
    assert.deepEqual(
      unique,
      Array.from({ length: count }, (_, number) => number),
      `client ${client}`,
    );
  }
});
