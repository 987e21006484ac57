import assert from "node:assert/strict";
import { test } from "node:test";
import { type CampFrame, inspect } from "./index.js";

const sid = 987_654_321n;
const secret = "tök\nen";
const bytes = new Uint8Array(5).fill(0x21);

const lines: readonly (readonly [CampFrame, string])[] = [
  [
    { type: "endpoint_info", sid, ack: 0, version: 1, features: 1n << 32n },
    "endpoint_info ack=0 version=1 features=0x100000000",
  ],
  [{ type: "bye", sid, ack: 1, reason: secret }, "bye ack=1 reason=7B"],
  [{ type: "bye", sid, ack: 1, reason: secret, replaced: true }, "bye ack=1 reason=7B replaced"],
  [{ type: "ack", sid, ack: 2 }, "ack ack=2"],
  [{ type: "error", sid, ack: 3, payload: secret, replaced: true }, "error ack=3 payload=7B replaced"],
  [{ type: "ping_pong", sid, payload: "ping" }, "ping_pong ping"],
  [{ type: "ping_pong", sid, payload: "pong" }, "ping_pong pong"],
  [{ type: "utf8data", sid, ack: 4, payload: secret }, "utf8data ack=4 payload=7B"],
  [{ type: "binarydata", sid, ack: 5, payload: bytes }, "binarydata ack=5 payload=5B"],
  [
    { type: "tx_start", sid, ack: 6, txId: 1, size: -1n, behaviour: 0, name: secret },
    "tx_start ack=6 txId=1 size=-1 push name=7B",
  ],
  [
    { type: "tx_start", sid, ack: 6, txId: 1, size: 9n, behaviour: 1, name: "" },
    "tx_start ack=6 txId=1 size=9 pull name=0B",
  ],
  [{ type: "tx_chunk", sid, txId: 1, offset: 65_536n, payload: bytes }, "tx_chunk txId=1 offset=65536 payload=5B"],
  [{ type: "tx_finish", sid, ack: 7, txId: 1 }, "tx_finish ack=7 txId=1"],
  [{ type: "tx_fetch", sid, ack: 8, txId: 1, start: 2n, end: 3n }, "tx_fetch ack=8 txId=1 start=2 end=3"],
  [{ type: "tx_cancel", sid, ack: 9, txId: 1 }, "tx_cancel ack=9 txId=1"],
  [{ type: "tx_abort", sid, ack: 10, txId: 1, reason: secret }, "tx_abort ack=10 txId=1 reason=7B"],
  [{ type: "resume_ticket", sid, ack: 11, windowMs: 9, secret: bytes }, "resume_ticket ack=11 windowMs=9 secret=5B"],
  [{ type: "resume", sid, received: 12n, secret: bytes }, "resume received=12 secret=5B"],
  [{ type: "resumed", sid, received: 13n }, "resumed received=13"],
  [{ type: "received", sid, received: 14n }, "received received=14"],
  [{ type: "token", sid, ack: 15, token: secret }, "token ack=15 token=7B"],
  [{ type: "token_state", sid, ack: 16, state: 2, remainingMs: 9n }, "token_state ack=16 state=2 remainingMs=9"],
];

for (const [frame, line] of lines) {
  test(`inspect tells "${line}" and nothing of sid or text`, () => {
    assert.equal(inspect(frame), line);
  });
}
