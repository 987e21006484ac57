import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { CAMP, type CAMPWebsocketServer } from "camp-server";
import { growthSince, heldBytes } from "../held-bytes.js";
import { within } from "../patience.js";
import { uncaught, whenClosed } from "../rig.js";
import { application, publicOptions, validator } from "./application.js";
import type { Attack } from "./attack.js";
import { attacks } from "./attacks.js";
import { Witness } from "./witness.js";

/** What may be left of an attack: compiled code, pools of buffers. */
const leftBytesMax = 8 * 1_048_576;

async function start(context: TestContext, patience: Attack["patience"]): Promise<CAMPWebsocketServer> {
  const server = await CAMP(validator, { host: "127.0.0.1", port: 0, ...publicOptions, ...patience });
  context.after(() => server.Destroy());
  server.on("session", application);
  return server;
}

/** Resolves when all sessions but one have ended, and their connections are gone. */
async function emptied(server: CAMPWebsocketServer, kept: bigint): Promise<void> {
  const others = [...server.sessions.values()].filter(({ id }) => id !== kept);
  const left = (): Error => new Error(`${server.sessions.size - 1} sessions are left`);
  await within(Promise.all(others.map(whenClosed)), left);
  assert.deepEqual([...server.sessions.keys()], [kept]);
  const closed = async (): Promise<void> => {
    while ((await connections(server)) > 1) await new Promise(setImmediate);
  };
  await within(closed(), () => new Error("connections of ended sessions are left"));
}

function connections({ http_server }: CAMPWebsocketServer): Promise<number> {
  return new Promise((resolve, reject) => {
    http_server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

describe("while a peer attacks another is answered, and nothing is left afterwards: a peer that", () => {
  for (const { does, strength, patience, run, endings } of attacks) {
    it(does, { timeout: 60_000 }, async (context) => {
      const server = await start(context, patience);
      const witness = await Witness.connect(server.port);
      await witness.echo();
      const before = heldBytes();
      let over = false;
      let echoes = 0;
      const attack = run({ port: server.port, liveSid: witness.sid }, strength.test).finally(() => {
        over = true;
      });
      while (!over) {
        await witness.echo();
        echoes++;
      }
      const ended = new Map<string, number>();
      for (const ending of await attack) ended.set(ending, (ended.get(ending) ?? 0) + 1);
      context.diagnostic(`${echoes} echoes; ${JSON.stringify([...ended])}`);
      assert.deepEqual(
        [...ended.keys()].filter((ending) => !endings.includes(ending)),
        [],
      );
      await emptied(server, witness.sid);
      await witness.echo();
      const left = await growthSince(before, leftBytesMax);
      assert.ok(left < leftBytesMax, `${left} bytes are left`);
      assert.deepEqual(uncaught, []);
      await witness.leave();
    });
  }
});
