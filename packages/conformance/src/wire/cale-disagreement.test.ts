import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { type CryoClientWebsocketSession as Client, cryo } from "cryo-client-node";
import { CryoClientRig } from "./cryo-client-rig.js";
import { CryoServerRig } from "./cryo-server-rig.js";
import { failureOf } from "./patience.js";
import { closing, token } from "./rig.js";
import { payloadCanary } from "./secrets.js";

const limits = { timeout: 20_000 };
const timeout = 1500;

/** A client of ours at a server of ours, each with its own idea of CALE; the client sends at once. */
async function meet(context: TestContext, serverUses: boolean, clientUses: boolean) {
  const ends: Promise<[code: number, reason: string]>[] = [];
  const heard: unknown[] = [];
  const rig = await CryoServerRig.start(context, {
    use_cale: serverUses,
    onSession: (session) => {
      ends.push(closing(session));
      session.on("message-utf8", (text) => heard.push(text));
      session.on("message-binary", (bytes) => heard.push(bytes));
    },
  });
  const begun = performance.now();
  const client: Client = await cryo(`127.0.0.1:${rig.port}`, token, { use_cale: clientUses, timeout });
  context.after(() => client.Destroy());
  client.on("message-utf8", (text) => heard.push(text));
  const end = closing(client);
  const sent = failureOf(client.SendUTF8(payloadCanary));
  return { ends, end, sent, heard, begun, client };
}

for (const [what, serverUses, clientUses] of [
  ["only the server", true, false],
  ["only the client", false, true],
] as const) {
  describe(`where ${what} uses CALE`, () => {
    it("both ends are told within the connect timeout, and nothing is delivered", limits, async (context) => {
      const { ends, end, sent, heard, begun, client } = await meet(context, serverUses, clientUses);
      for (const [code, reason] of [await end, await ends[0]!]) {
        assert.equal(code, 4010);
        assert.match(reason, /use_cale/);
      }
      assert.ok(performance.now() - begun < timeout + 1000);
      const error = await sent;
      assert.match(error.message, /4010/);
      assert.ok(!error.message.includes(payloadCanary));
      assert.deepEqual(heard, []);
      assert.equal(client.secure, false);
      assert.equal(ends.length, 1, "the client came back");
    });
  });
}

describe("a client that wants CALE", () => {
  it("tells nothing to a server that talks in the clear at once", limits, async (context) => {
    const rig = await CryoClientRig.start(context, { cale: false });
    const client = await rig.dial({ use_cale: true });
    const closed = closing(client);
    const lost = failureOf(client.SendUTF8(payloadCanary));
    const peer = await rig.nextPeer();
    peer.send(peer.make.utf8(0, "welcome"));
    const [code, reason] = await closed;
    assert.equal(code, 4010);
    assert.match(reason, /use_cale/);
    await lost;
    assert.deepEqual(peer.messages, []);
  });
});

describe("an end that does not want CALE", () => {
  for (const type of ["serverHello", "clientHello", "done"] as const) {
    it(`closes with 4010 for a ${type}`, limits, async (context) => {
      const rig = await CryoServerRig.start(context, { use_cale: false });
      await rig.invite();
      const peer = await rig.connect();
      peer.send(type === "done" ? peer.make.done(0) : peer.make[type](0, peer.pair.publicKey));
      const { code, reason } = await peer.ended();
      assert.equal(code, 4010);
      assert.match(reason, /use_cale/);
      await rig.endOf(peer);
      await rig.verify();
    });

    it(`closes a client's session with 4010 for a ${type}`, limits, async (context) => {
      const rig = await CryoClientRig.start(context, { cale: false });
      const { client, peer } = await rig.connect();
      const closed = closing(client);
      peer.send(type === "done" ? peer.make.done(0) : peer.make[type](0, peer.pair.publicKey));
      assert.equal((await closed)[0], 4010);
    });
  }
});
