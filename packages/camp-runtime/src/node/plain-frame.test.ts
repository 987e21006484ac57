import assert from "node:assert/strict";
import { test } from "node:test";
import { plainFrame } from "./plain-frame.js";

const first = Uint8Array.of(1, 2, 3);

// RFC 6455, section 5.2: the shortest form of the length must be used.
const headers: [restBytes: number, unmasked: string, masked: string][] = [
  [0, "8203", "8283"],
  [122, "827d", "82fd"],
  [123, "827e007e", "82fe007e"],
  [65_532, "827effff", "82feffff"],
  [65_533, "827f0000000000010000", "82ff0000000000010000"],
  [1_048_573, "827f0000000000100000", "82ff0000000000100000"],
];
for (const [restBytes, unmasked, masked] of headers) {
  test(`a frame of ${first.length + restBytes} bytes begins with ${unmasked}, or ${masked} and the key 0`, () => {
    assert.equal(plainFrame(first, restBytes, "none").toString("hex"), `${unmasked}010203`);
    assert.equal(plainFrame(first, restBytes, "zero key").toString("hex"), `${masked}00000000010203`);
  });
}
