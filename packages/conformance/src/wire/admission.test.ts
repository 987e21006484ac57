import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { admitted, bearer, RawConnection, refused, statusOf, upgradeHead } from "./raw-upgrade.js";
import { token } from "./rig.js";
import { newSid, ServerRig } from "./server-rig.js";

const limits = { timeout: 20_000 };
const id = (): string => `x-camp-sid=${newSid()}`;

describe("an upgrade without a valid bearer token", () => {
  for (const [what, query] of [
    ["no authorization", ""],
    ["an empty one", "authorization=&"],
    ["another scheme", "authorization=Basic%20dXNlcg&"],
    ["a bare token", `authorization=${token}&`],
    ["a scheme without a token", "authorization=Bearer&"],
    ["a scheme and a space", "authorization=Bearer%20&"],
    ["a wrong token", "authorization=Bearer%20wrong&"],
    ["two tokens, both right", `${bearer}&${bearer}&`],
    ["two tokens in two spellings", `${bearer}&Authorization=Bearer%20wrong&`],
    ["broken percent signs", "authorization=Bearer%20%zz%&"],
  ] as const) {
    it(`gets 401: ${what}`, limits, async (context) => {
      const rig = await ServerRig.start(context);
      assert.equal((await refused(rig.port, upgradeHead(`/?${query}${id()}`))).status, 401);
      assert.equal(rig.server.sessions.size, 0);
    });
  }

  for (const given of [1, "true", {}, undefined, null, [true]]) {
    it(`gets 401 when the validator says ${JSON.stringify(given)}, which is not true`, limits, async (context) => {
      const rig = await ServerRig.start(context, { validate: async () => given as boolean });
      assert.equal((await refused(rig.port, upgradeHead(admitted()))).status, 401);
    });
  }

  it("gets 401 for a wrong token in the query, whatever the header says", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const head = upgradeHead(`/?authorization=Bearer%20wrong&${id()}`, { Authorization: `Bearer ${token}` });
    assert.equal((await refused(rig.port, head)).status, 401);
  });
});

describe("an upgrade without a proper session id", () => {
  for (const [what, query] of [
    ["no id", ""],
    ["an empty one", "x-camp-sid="],
    ["letters", "x-camp-sid=abc"],
    ["a negative number", "x-camp-sid=-1"],
    ["a plus sign", "x-camp-sid=%2B1"],
    ["a plus that reads as a space", "x-camp-sid=+1"],
    ["a fraction", "x-camp-sid=1.5"],
    ["an exponent", "x-camp-sid=1e3"],
    ["hexadecimal", "x-camp-sid=0x10"],
    ["2^64", "x-camp-sid=18446744073709551616"],
    ["21 digits", "x-camp-sid=000000000000000000001"],
    ["a space behind", "x-camp-sid=1%20"],
    ["a line break behind", "x-camp-sid=1%0a"],
    ["digits of another script", "x-camp-sid=%D9%A1%D9%A2"],
    ["a zero byte", "x-camp-sid=1%00"],
    ["two ids", "x-camp-sid=1&x-camp-sid=2"],
    ["two ids in two spellings", "x-camp-sid=1&x-CAMP-sid=2"],
    ["the alias with a UUID", "x-cryo-sid=9b2d1f4e-5c3a-4b6d-8e7f-0a1b2c3d4e5f"],
    ["a header instead", "unrelated=1"],
  ] as const) {
    it(`gets 400: ${what}`, limits, async (context) => {
      const rig = await ServerRig.start(context);
      const answer = await refused(rig.port, upgradeHead(`/?${bearer}&${query}`, { "x-camp-sid": "1" }));
      assert.equal(answer.status, 400);
      assert.equal(rig.server.sessions.size, 0);
    });
  }

  for (const [what, query, sid] of [
    ["0", "x-camp-sid=0", 0n],
    ["2^64 - 1", "x-camp-sid=18446744073709551615", 2n ** 64n - 1n],
    ["20 digits with leading zeros", "x-camp-sid=00000000000000000007", 7n],
    ["the spelling of deployed peers", "x-CAMP-sid=8", 8n],
    ["capitals", "X-CAMP-SID=9", 9n],
    ["both spellings", "x-camp-sid=10&x-CAMP-sid=10", 10n],
    ["the alias", "x-cryo-sid=11", 11n],
    ["the alias beside the name, which wins", "x-cryo-sid=9b2d1f4e-5c3a-4b6d-8e7f-0a1b2c3d4e5f&x-camp-sid=12", 12n],
  ] as const) {
    it(`is admitted with ${what}`, limits, async (context) => {
      const rig = await ServerRig.start(context);
      const connection = await RawConnection.open(rig.port, upgradeHead(`/?${bearer}&${query}`));
      await connection.acceptance();
      assert.deepEqual([...rig.server.sessions.keys()], [sid]);
      connection.socket.destroy();
    });
  }
});

describe("an upgrade", () => {
  it("may carry its token in a header", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const head = upgradeHead(`/?${id()}`, { Authorization: `Bearer ${token}` });
    assert.equal(await statusOf(rig.port, head), 101);
  });

  it("may write the parameter names as it likes", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const head = upgradeHead(`/?AUTHORIZATION=Bearer%20${token}&${id()}`);
    assert.equal(await statusOf(rig.port, head), 101);
  });

  for (const [offered, selected] of [
    [undefined, undefined],
    ["camp", "camp"],
    ["other, camp", "camp"],
    ["cryo", undefined],
    ["CAMP", undefined],
  ] as const) {
    it(`that offers ${offered ?? "no subprotocol"} is answered with ${selected ?? "none"}`, limits, async (context) => {
      const rig = await ServerRig.start(context);
      const head = upgradeHead(admitted(), { "Sec-WebSocket-Protocol": offered });
      const connection = await RawConnection.open(rig.port, head);
      const answer = await connection.acceptance();
      assert.equal(answer.headers.get("sec-websocket-protocol"), selected);
      assert.equal(answer.headers.get("sec-websocket-extensions"), undefined);
      connection.socket.destroy();
    });
  }

  it("gets no compression, though it offers it", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const head = upgradeHead(admitted(), { "Sec-WebSocket-Extensions": "permessage-deflate" });
    const connection = await RawConnection.open(rig.port, head);
    assert.equal((await connection.acceptance()).headers.get("sec-websocket-extensions"), undefined);
    connection.socket.destroy();
  });

  it("gets 403 from an origin that is not on the list", limits, async (context) => {
    const rig = await ServerRig.start(context, { origins: ["https://good.example"] });
    const from = (Origin: string | undefined): Promise<number> =>
      statusOf(rig.port, upgradeHead(admitted(), { Origin }));
    assert.equal(await from("https://good.example"), 101);
    assert.equal(await from(undefined), 101);
    for (const origin of [
      "https://bad.example",
      "null",
      "http://good.example",
      "https://good.example.bad.example",
      "",
    ]) {
      assert.equal(await from(origin), 403, origin);
    }
  });

  it("gets 409 with Retry-After: 2 for an id that is in use", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const peer = await rig.invite();
    const answer = await refused(rig.port, upgradeHead(admitted(peer.make.sid)));
    assert.equal(answer.status, 409);
    assert.equal(answer.headers.get("retry-after"), "2");
    await peer.take("pingPong", (frame) => frame.text === "ping", "PING, the probe");
    await rig.verify();
  });

  it("does not learn of an id in use without a valid token", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const peer = await rig.invite();
    const head = upgradeHead(`/?authorization=Bearer%20wrong&x-camp-sid=${peer.make.sid}`);
    assert.equal((await refused(rig.port, head)).status, 401);
    await peer.settled();
    assert.ok(!peer.log.some((frame) => frame.text === "ping"));
  });

  it("takes over the id of a session that shows no life", { timeout: 10_000 }, async (context) => {
    const rig = await ServerRig.start(context);
    const peer = await rig.connect({ answersPings: false, acknowledges: "nothing" });
    const head = upgradeHead(admitted(peer.make.sid));
    assert.equal((await refused(rig.port, head)).status, 409);
    assert.equal((await peer.ended()).code, 4001);
    await rig.endOf(peer);
    assert.equal(await statusOf(rig.port, head), 101);
  });

  it("gets 503 with Retry-After at the session limit", limits, async (context) => {
    const rig = await ServerRig.start(context, { maxSessions: 1 });
    await rig.invite();
    const answer = await refused(rig.port, upgradeHead(admitted()));
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get("retry-after")) > 0);
    await rig.verify();
  });

  it("gets 500 from a validator that throws, rejects or hangs, and no details", limits, async (context) => {
    const faults = [
      (): Promise<boolean> => {
        throw new Error("secret detail");
      },
      async (): Promise<boolean> => {
        throw new Error("secret detail");
      },
      (): Promise<boolean> => new Promise(() => {}),
    ];
    for (const validate of faults) {
      const rig = await ServerRig.start(context, { validate, validateTimeoutMs: 30 });
      const answer = await refused(rig.port, upgradeHead(admitted()));
      assert.equal(answer.status, 500);
      assert.ok(!answer.text.includes("secret detail"));
      assert.equal(rig.server.sessions.size, 0);
    }
  });

  it("is checked in the order of the rules", limits, async (context) => {
    const rig = await ServerRig.start(context, { origins: ["https://good.example"], maxSessions: 1 });
    const bad = { Origin: "https://bad.example" };
    assert.equal(await statusOf(rig.port, upgradeHead("/", bad)), 403);
    assert.equal(await statusOf(rig.port, upgradeHead("/")), 401);
    assert.equal(await statusOf(rig.port, upgradeHead("/?authorization=Bearer%20wrong")), 400);
    assert.equal(await statusOf(rig.port, upgradeHead(`/?authorization=Bearer%20wrong&${id()}`)), 401);
    await rig.invite();
    assert.equal(await statusOf(rig.port, upgradeHead("/", bad)), 503);
  });
});
