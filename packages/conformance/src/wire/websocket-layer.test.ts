import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { u32 } from "./frames.js";
import { heldBytes } from "./held-bytes.js";
import { RawSession } from "./raw-session.js";
import { lengthHead, masked } from "./raw-upgrade.js";
import { ServerRig } from "./server-rig.js";

const limits = { timeout: 20_000 };
const largest = 1_048_576 + 26;
const text = (session: RawSession): Buffer => session.make.utf8(1, "hello");

/** What WebSocket itself forbids, and the close code that RFC 6455 has for it. */
const violations: readonly (readonly [what: string, code: number, bytes: (session: RawSession) => Buffer])[] = [
  ["a compressed frame, which was not negotiated", 1002, (session) => masked(text(session), 0xc2)],
  ["the second reserved bit", 1002, (session) => masked(text(session), 0xa2)],
  ["the third reserved bit", 1002, (session) => masked(text(session), 0x92)],
  ["a reserved opcode", 1002, (session) => masked(text(session), 0x83)],
  ["a reserved control opcode", 1002, () => masked(Buffer.alloc(0), 0x8b)],
  ["a continuation of nothing", 1002, (session) => masked(text(session), 0x80)],
  [
    "a message inside a message",
    1002,
    (session) => Buffer.concat([masked(text(session), 0x02), masked(text(session))]),
  ],
  ["a fragmented ping", 1002, () => masked(Buffer.alloc(0), 0x09)],
  ["a ping of 126 bytes", 1002, () => masked(Buffer.alloc(126), 0x89)],
  ["a frame without a mask", 1002, (session) => Buffer.concat([lengthHead(18, 0x82, 0), text(session)])],
  ["a close frame of one byte", 1002, () => masked(Buffer.of(3), 0x88)],
  ["a close code that nobody may send", 1002, () => masked(Buffer.of(3, 0xed), 0x88)],
  ["a close reason that is no UTF-8", 1007, () => masked(Buffer.of(0x0f, 0xa0, 0xff), 0x88)],
  ["a length of 2^63 bytes", 1009, () => lengthHead(2 ** 63)],
  ["a length of 4 GiB, announced", 1009, () => lengthHead(2 ** 32)],
  ["a length just above the largest frame, announced", 1009, () => lengthHead(largest + 1025)],
  [
    "fragments that add up to more than the largest frame",
    1009,
    () => Buffer.concat([masked(Buffer.alloc(700_000), 0x02), lengthHead(700_000, 0x00)]),
  ],
  ["a message in 1025 fragments", 1008, (session) => inFragments(text(session), 1025)],
];

/** A message of which the first fragments have its bytes, one each, and the rest none. */
function inFragments(message: Buffer, count: number): Buffer {
  const pieces = Array.from({ length: count }, (_, index) => {
    const first = (index === 0 ? 0x02 : 0x00) | (index === count - 1 ? 0x80 : 0);
    return masked(message.subarray(index, index + 1), first);
  });
  return Buffer.concat(pieces);
}

describe("a peer that breaks WebSocket itself", () => {
  for (const [what, code, bytes] of violations) {
    it(`is closed with ${code}: ${what}`, limits, async (context) => {
      const rig = await ServerRig.start(context);
      await rig.invite();
      const session = await RawSession.open(context, rig);
      session.write(bytes(session));
      assert.equal(await session.closeCode(), code);
      await rig.allGone();
      await rig.verify();
    });
  }

  it("is cut off when it does not answer the close", limits, async (context) => {
    const rig = await ServerRig.start(context);
    await rig.invite();
    const session = await RawSession.open(context, rig);
    session.write(masked(session.make.raw(251, Buffer.from("pang"))));
    await session.connection.ended();
    await rig.allGone();
    await rig.verify();
  });

  it("is closed with 1009 before the message is buffered", limits, async (context) => {
    const rig = await ServerRig.start(context);
    await rig.invite();
    const before = heldBytes();
    const sessions = await Promise.all(Array.from({ length: 20 }, () => RawSession.open(context, rig)));
    for (const session of sessions) session.write(lengthHead(1 << 30));
    for (const session of sessions) assert.equal(await session.closeCode(), 1009);
    assert.ok(heldBytes() - before < 32 * 1_048_576);
    await rig.allGone();
    await rig.verify();
  });

  it("may cut a message into fragments, with pings between", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const session = await RawSession.open(context, rig);
    const frame = session.make.utf8(1, "piece by piece");
    const pieces = [...frame].map((byte, index) => {
      const first = (index === 0 ? 0x02 : 0x00) | (index === frame.length - 1 ? 0x80 : 0);
      return Buffer.concat(
        [masked(Buffer.of(byte), first), masked(Buffer.from("p"), 0x89)].slice(0, index === 3 ? 2 : 1),
      );
    });
    session.write(Buffer.concat(pieces));
    await session.connection.until((received) => received.includes("piece by piece"), "echo");
    assert.ok(session.connection.received.includes(Buffer.of(0x8a, 1, 0x70)), "no answer to the WebSocket ping");
    session.connection.socket.destroy();
  });

  it("may cut a message into 1024 fragments", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const session = await RawSession.open(context, rig);
    session.write(inFragments(session.make.utf8(1, "in many pieces"), 1024));
    await session.connection.until((received) => received.includes("in many pieces"), "echo");
    session.connection.socket.destroy();
  });

  it("may end without a close frame", limits, async (context) => {
    const rig = await ServerRig.start(context);
    await rig.invite();
    for (const end of ["end", "destroy", "resetAndDestroy"] as const) {
      const session = await RawSession.open(context, rig);
      session.write(masked(text(session)).subarray(0, 9));
      session.connection.socket[end]();
    }
    await rig.allGone();
    await rig.verify();
  });

  it("may send the largest chunk there is", limits, async (context) => {
    const rig = await ServerRig.start(context);
    const session = await RawSession.open(context, rig);
    const frame = session.make.chunk(0, 0n, Buffer.alloc(1_048_576));
    session.write(Buffer.concat([masked(frame), masked(text(session))]));
    await session.connection.until(
      (received) => received.includes(Buffer.concat([u32(1), Buffer.from("hello")])),
      "echo",
    );
    session.connection.socket.destroy();
  });
});
