import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode, inspect } from "camp-protocol";
import { frameOfLine } from "./frame-of-line.js";

for (const line of [
  "endpoint_info ack=0 version=1 features=0x700000001",
  "bye ack=1 reason=7B",
  "ack ack=2",
  "error ack=3 payload=7B",
  "ping_pong ping",
  "ping_pong pong",
  "utf8data ack=4294967295 payload=7B",
  "binarydata ack=5 payload=0B",
  "tx_start ack=6 txId=1 size=-1 push name=7B",
  "tx_start ack=6 txId=1 size=9007199254740993 pull name=0B",
  "tx_chunk txId=1 offset=65536 payload=5B",
  "tx_finish ack=7 txId=1",
  "tx_fetch ack=8 txId=1 start=2 end=18446744073709551615",
  "tx_cancel ack=9 txId=1",
  "tx_abort ack=10 txId=1 reason=7B",
  "resume_ticket ack=11 windowMs=9 secret=32B",
  "resume received=12 secret=32B",
  "resumed received=9223372036854775820",
  "received received=14",
  "token ack=15 token=7B",
  "token_state ack=16 state=2 remainingMs=9",
]) {
  test(`a frame is made of its line: ${line}`, () => {
    const frame = frameOfLine(line);
    assert.ok(frame);
    assert.equal(inspect(decode(encode(frame))), line);
  });
}

for (const line of ["", "not a frame: too short", "toString", "__proto__ ack=1"]) {
  test(`none is made of ${JSON.stringify(line)}`, () => assert.equal(frameOfLine(line), null));
}
