import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Frames } from "./frames.js";
import { type Deferred, deferred, within } from "./patience.js";
import { admitted, bearer, masked, RawConnection, refused, statusOf, upgradeHead } from "./raw-upgrade.js";
import { token } from "./rig.js";
import { newSid, ServerRig } from "./server-rig.js";

const limits = { timeout: 20_000 };

/** A validator that answers when the test says so. */
class SlowValidator {
  readonly #pending: { readonly verdict: Deferred<boolean>; readonly signal: AbortSignal }[] = [];
  #arrived: () => void = () => {};

  readonly validate = (_token: string, { signal }: { readonly signal: AbortSignal }): Promise<boolean> => {
    const verdict = deferred<boolean>();
    this.#pending.push({ verdict, signal });
    this.#arrived();
    return verdict.promise;
  };

  async until(
    count: number,
  ): Promise<readonly { readonly verdict: Deferred<boolean>; readonly signal: AbortSignal }[]> {
    while (this.#pending.length < count) {
      const { promise, resolve } = deferred<void>();
      this.#arrived = () => resolve();
      await within(promise, () => new Error(`the validator was called ${this.#pending.length} times, not ${count}`));
    }
    return this.#pending;
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  within(
    new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    }),
    () => new Error("the validator's signal is not aborted"),
  );

describe("upgrades that overlap", () => {
  it("with one id admit exactly one", limits, async (context) => {
    const slow = new SlowValidator();
    const rig = await ServerRig.start(context, { validate: slow.validate });
    const sid = newSid();
    const both = [
      await RawConnection.open(rig.port, upgradeHead(admitted(sid))),
      await RawConnection.open(rig.port, upgradeHead(admitted(sid))),
    ];
    for (const { verdict } of await slow.until(2)) verdict.resolve(true);
    for (const each of both) await each.until((received) => received.includes("\r\n\r\n"), "answer");
    const statuses = both.map(({ received }) => received.toString("latin1").slice(9, 12)).sort();
    assert.deepEqual(statuses, ["101", "409"]);
    assert.equal(rig.server.sessions.size, 1);
    for (const each of both) each.socket.destroy();
  });

  it("with one id do not block each other: the refused one takes nothing", limits, async (context) => {
    const slow = new SlowValidator();
    const rig = await ServerRig.start(context, { validate: slow.validate });
    const sid = newSid();
    const first = await RawConnection.open(rig.port, upgradeHead(admitted(sid)));
    await slow.until(1);
    const second = await RawConnection.open(rig.port, upgradeHead(admitted(sid)));
    const [one, two] = await slow.until(2);
    one!.verdict.resolve(false);
    assert.equal((await first.refusal()).status, 401);
    two!.verdict.resolve(true);
    await second.acceptance();
    second.socket.destroy();
  });

  it("beyond maxPendingUpgrades get 503, and those whose socket died make room", limits, async (context) => {
    const slow = new SlowValidator();
    const most = 8;
    const rig = await ServerRig.start(context, { validate: slow.validate, maxPendingUpgrades: most });
    for (let round = 0; round < 3; round++) {
      const waiting: RawConnection[] = [];
      for (let count = 0; count < most; count++) {
        waiting.push(await RawConnection.open(rig.port, upgradeHead(admitted())));
      }
      const pending = (await slow.until(most * (round + 1))).slice(-most);
      const answer = await refused(rig.port, upgradeHead(admitted()));
      assert.equal(answer.status, 503);
      assert.ok(Number(answer.headers.get("retry-after")) > 0);
      for (const { socket } of waiting) socket.destroy();
      await Promise.all(pending.map(({ signal }) => aborted(signal)));
      // The verdicts come when nobody waits for them any more.
      if (round > 0) for (const { verdict } of pending) verdict.resolve(true);
      if (round > 1) for (const { verdict } of pending) verdict.reject(new Error("too late"));
    }
    assert.equal(rig.server.sessions.size, 0);
    const alive = await RawConnection.open(rig.port, upgradeHead(admitted()));
    (await slow.until(3 * most + 1)).at(-1)!.verdict.resolve(true);
    await alive.acceptance();
    assert.equal(rig.server.sessions.size, 1);
    alive.socket.destroy();
  });

  it("are refused with 503 when the server is destroyed meanwhile", limits, async (context) => {
    const slow = new SlowValidator();
    const rig = await ServerRig.start(context, { validate: slow.validate });
    const waiting = await RawConnection.open(rig.port, upgradeHead(admitted()));
    const [pending] = await slow.until(1);
    const destroyed = rig.server.Destroy();
    const answer = await waiting.refusal();
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get("retry-after")) > 0);
    pending!.verdict.resolve(true);
    await destroyed;
    assert.equal(rig.server.sessions.size, 0);
  });
});

describe("an upgrade that means harm", () => {
  /** The server refuses it without a session and still lets others in. */
  function harmless(what: string, head: string | Buffer, statuses: readonly number[]): void {
    it(`is answered with ${statuses.join(" or ")}: ${what}`, limits, async (context) => {
      const rig = await ServerRig.start(context);
      await rig.invite();
      const connection = await RawConnection.open(rig.port, head);
      await connection.ended();
      const answer = connection.received.toString("latin1");
      assert.ok(statuses.includes(Number(answer.slice(9, 12))), answer);
      assert.match(answer, /\r\nConnection: (?:Upgrade, )?close\r\n/i);
      assert.equal(answer.split("HTTP/1.1 ").length, 2, "more than one answer");
      assert.ok(!/injected:/i.test(answer.split("\r\n\r\n")[0]!));
      assert.ok(!answer.includes(token));
      await rig.verify();
    });
  }

  const target = (): string => admitted();
  const smuggled = "x%0d%0aInjected:%20yes%0d%0a%0d%0aHTTP/1.1%20200%20OK";
  harmless("line breaks in the id", upgradeHead(`/?${bearer}&x-camp-sid=1${smuggled}`), [400]);
  harmless("line breaks in the token", upgradeHead(`/?authorization=Bearer%20${smuggled}&x-camp-sid=1`), [401]);
  harmless("line breaks in the path", upgradeHead(`/${smuggled}?x-camp-sid=1`), [401]);
  harmless("a path that is none", upgradeHead("//[::1?x-camp-sid=1"), [400, 401]);
  harmless("a target that is no path", upgradeHead("http://[/?x-camp-sid=1"), [400, 401]);
  harmless("an asterisk for a target", upgradeHead("*"), [400, 401]);
  harmless("ten thousand parameters", upgradeHead(`/?${"a=1&".repeat(3000)}x-camp-sid=1`), [401]);
  harmless("ten thousand ids", upgradeHead(`/?${bearer}&${"x-camp-sid=1&".repeat(900)}x-camp-sid=2`), [400]);
  harmless("a prototype for a parameter", upgradeHead("/?__proto__=Bearer%20x&constructor=1&x-camp-sid=1"), [401]);
  harmless("headers of 64 KiB", upgradeHead(target(), { "X-Large": "x".repeat(65_536) }), [431]);
  harmless("a query of 64 KiB", upgradeHead(`/?${bearer}&x-camp-sid=${"1".repeat(65_536)}`), [431]);
  harmless("no key", upgradeHead(target(), { "Sec-WebSocket-Key": undefined }), [400]);
  harmless("a short key", upgradeHead(target(), { "Sec-WebSocket-Key": "AQID" }), [400]);
  harmless("two keys", upgradeHead(target(), { "sec-websocket-key": "AQIDBAUGBwgJCgsMDQ4PEA==" }), [400]);
  harmless("version 12", upgradeHead(target(), { "Sec-WebSocket-Version": "12" }), [400, 426]);
  harmless("no version", upgradeHead(target(), { "Sec-WebSocket-Version": undefined }), [400, 426]);
  harmless("another protocol than websocket", upgradeHead(target(), { Upgrade: "h2c" }), [400, 426]);
  harmless("a broken subprotocol", upgradeHead(target(), { "Sec-WebSocket-Protocol": "camp,," }), [400]);
  harmless("POST", upgradeHead(target()).replace("GET", "POST"), [400, 405]);
  harmless("a folded header", upgradeHead(target(), { "X-Fold": "a\r\n b: c" }), [400]);
  harmless("a bare line feed", upgradeHead(target()).replace("\r\nUpgrade", "\nUpgrade"), [400]);
  harmless("a zero byte in a header", upgradeHead(target(), { "X-Zero": "a\0b" }), [400]);
  harmless("two lengths", upgradeHead(target(), { "Content-Length": "1", "content-length": "2" }), [400]);
  harmless(
    "a length beside chunks",
    upgradeHead(target(), { "Content-Length": "5", "Transfer-Encoding": "chunked" }),
    [400],
  );
  harmless("TLS", Buffer.from("16030100c8010000c40303", "hex"), [400]);
  harmless("plain HTTP", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [426]);
  harmless("HTTP of a later version", upgradeHead(target()).replace("HTTP/1.1", "HTTP/9.9"), [400, 505]);

  it("is dropped when it stays half a request", limits, async (context) => {
    const rig = await ServerRig.start(context, { maxPendingUpgrades: 4, validate: async () => true });
    await rig.invite();
    const head = upgradeHead(admitted());
    for (let length = 1; length < head.length; length += 7) {
      const connection = await RawConnection.open(rig.port, head.slice(0, length));
      connection.socket.destroy();
    }
    for (let count = 0; count < 8; count++) assert.equal(await statusOf(rig.port, upgradeHead(admitted())), 101);
    await rig.verifyEcho();
  });

  it("may bring a body, which is taken for WebSocket frames and for nothing else", limits, async (context) => {
    const rig = await ServerRig.start(context);
    await rig.invite();
    const second = upgradeHead(admitted());
    const connection = await RawConnection.open(rig.port, upgradeHead(admitted()) + second);
    await connection.ended();
    const answer = connection.received.toString("latin1");
    assert.equal(answer.split("HTTP/1.1 ").length, 2, "the second request was answered");
    await rig.verify();
  });

  it("may come with its first frames in the same packet", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const sid = newSid();
    const make = new Frames(sid);
    const frames = [make.info(0), make.utf8(1, "in one go")].map((frame) => masked(frame));
    const connection = await RawConnection.open(
      rig.port,
      Buffer.concat([Buffer.from(upgradeHead(admitted(sid))), ...frames]),
    );
    await connection.acceptance();
    await connection.until((received) => received.includes(make.utf8(1, "in one go").subarray(13)), "echo");
    connection.socket.destroy();
  });

  it("may die right after the answer", limits, async (context) => {
    const rig = await ServerRig.start(context);
    await rig.invite();
    for (let count = 0; count < 50; count++) {
      const connection = await RawConnection.open(rig.port, upgradeHead(admitted()));
      if (count % 2 === 0) await connection.acceptance();
      connection.socket.resetAndDestroy();
    }
    await rig.allGone();
    await rig.verify();
  });
});
