import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { CryoServerRig } from "./cryo-server-rig.js";
import { bearer, RawConnection, refused, statusOf, upgradeHead } from "./raw-upgrade.js";
import { token } from "./rig.js";

const limits = { timeout: 20_000 };
const id = "0b6e5c1a-9f3d-4e2b-8a7c-1d2e3f4a5b6c";
const asking = (sid: string = randomUUID()): string => `/?${bearer}&x-cryo-sid=${sid}`;

describe("an upgrade to a Cryo server without a proper session id", () => {
  for (const [what, query] of [
    ["no id", ""],
    ["an empty one", "x-cryo-sid="],
    ["the id of the other dialect", "x-camp-sid=1"],
    ["a number", "x-cryo-sid=12345678901234567890"],
    ["no dashes", `x-cryo-sid=${id.replaceAll("-", "")}`],
    ["dashes at other places", "x-cryo-sid=0b6e5c1a9-f3d-4e2b-8a7c-1d2e3f4a5b6c"],
    ["a digit too few", `x-cryo-sid=${id.slice(1)}`],
    ["a digit too many", `x-cryo-sid=${id}0`],
    ["a letter that is no digit", `x-cryo-sid=${id.replace("0", "g")}`],
    ["braces", `x-cryo-sid={${id}}`],
    ["a name before it", `x-cryo-sid=urn:uuid:${id}`],
    ["a space behind", `x-cryo-sid=${id}%20`],
    ["a line break behind", `x-cryo-sid=${id}%0a`],
    ["a zero byte behind", `x-cryo-sid=${id}%00`],
    ["digits of another script", `x-cryo-sid=${id.replace("6", "%D9%A6")}`],
    ["two ids", `x-cryo-sid=${id}&x-cryo-sid=${randomUUID()}`],
    ["two ids in two spellings", `x-cryo-sid=${id}&X-Cryo-SID=${randomUUID()}`],
  ] as const) {
    it(`gets 400: ${what}`, limits, async (context) => {
      const rig = await CryoServerRig.start(context);
      const answer = await refused(rig.port, upgradeHead(`/?${bearer}&${query}`));
      assert.equal(answer.status, 400);
      assert.match(answer.body, /x-cryo-sid/);
      assert.equal(rig.server.sessions.size, 0);
    });
  }
});

describe("an upgrade to a Cryo server", () => {
  for (const [what, query] of [
    ["an id in capitals", `x-cryo-sid=${id.toUpperCase()}`],
    ["an id in both cases", `x-cryo-sid=${id.replace("b6e", "B6E")}`],
    ["another spelling of the name", `X-CRYO-SID=${id}`],
    ["both spellings, and an id in two cases", `x-cryo-sid=${id}&X-Cryo-Sid=${id.toUpperCase()}`],
  ] as const) {
    it(`is admitted with ${what}, under its lower case`, limits, async (context) => {
      const rig = await CryoServerRig.start(context);
      const connection = await RawConnection.open(rig.port, upgradeHead(`/?${bearer}&${query}`));
      await connection.acceptance();
      assert.deepEqual([...rig.server.sessions.keys()], [id]);
      assert.equal(rig.admittedAs(id).id, id);
      connection.socket.destroy();
    });
  }

  it("of a peer whose id is in capitals talks as any other", limits, async (context) => {
    const rig = await CryoServerRig.start(context);
    const peer = await rig.connect({ id: id.toUpperCase() });
    await peer.takeAck(peer.utf8("hello"));
    assert.equal((await peer.take("utf8")).text, "hello");
  });

  for (const use_cale of [true, false]) {
    it(
      `gets 409 for an id in use, whatever its case, ${use_cale ? "with" : "without"} CALE`,
      limits,
      async (context) => {
        const rig = await CryoServerRig.start(context, { use_cale });
        const peer = await rig.invite();
        const answer = await refused(rig.port, upgradeHead(asking(peer.make.id.toUpperCase())));
        assert.equal(answer.status, 409);
        assert.equal(answer.headers.get("retry-after"), "2");
        await peer.take("pingPong", ({ text }) => text === "ping", "PING, the probe");
        await rig.verify();
      },
    );

    it(`takes over an id that shows no life, ${use_cale ? "with" : "without"} CALE`, limits, async (context) => {
      const rig = await CryoServerRig.start(context, { use_cale });
      const peer = await rig.connect({ answersPings: false, acknowledges: false });
      const head = upgradeHead(asking(peer.make.id));
      assert.equal((await refused(rig.port, head)).status, 409);
      assert.equal((await peer.ended()).code, 4001);
      await rig.endOf(peer);
      assert.equal(await statusOf(rig.port, head), 101);
    });
  }

  it("does not send an unencrypted probe to a peer that still shakes hands", limits, async (context) => {
    const rig = await CryoServerRig.start(context);
    const peer = rig.open({ shakesHands: false });
    await peer.take("serverHello");
    assert.equal((await refused(rig.port, upgradeHead(asking(peer.make.id)))).status, 409);
    peer.socket.ping();
    await new Promise((resolve) => peer.socket.once("pong", resolve));
    assert.equal(peer.messages.length, 1);
  });

  for (const [what, query] of [
    ["no token", `x-cryo-sid=${id}`],
    ["a wrong token", `authorization=Bearer%20wrong&x-cryo-sid=${id}`],
    ["two tokens", `${bearer}&${bearer}&x-cryo-sid=${id}`],
  ] as const) {
    it(`gets 401: ${what}`, limits, async (context) => {
      const rig = await CryoServerRig.start(context);
      assert.equal((await refused(rig.port, upgradeHead(`/?${query}`))).status, 401);
      assert.equal(rig.server.sessions.size, 0);
    });
  }

  it("may carry its token in a header", limits, async (context) => {
    const rig = await CryoServerRig.start(context);
    const head = upgradeHead(`/?x-cryo-sid=${id}`, { Authorization: `Bearer ${token}` });
    assert.equal(await statusOf(rig.port, head), 101);
  });

  for (const [offered, selected] of [
    [undefined, undefined],
    ["cryo", "cryo"],
    ["other, cryo", "cryo"],
    ["camp", undefined],
    ["CRYO", undefined],
  ] as const) {
    it(`that offers ${offered ?? "no subprotocol"} is answered with ${selected ?? "none"}`, limits, async (context) => {
      const rig = await CryoServerRig.start(context);
      const head = upgradeHead(asking(), { "Sec-WebSocket-Protocol": offered });
      const connection = await RawConnection.open(rig.port, head);
      assert.equal((await connection.acceptance()).headers.get("sec-websocket-protocol"), selected);
      connection.socket.destroy();
    });
  }
});
