import assert from "node:assert/strict";
import { test } from "node:test";
import { unmaskedFrame } from "./unmasked-frame.js";

const first = Uint8Array.of(1, 2, 3);

// RFC 6455, section 5.2: the shortest form of the length must be used.
const headers: [restBytes: number, header: string][] = [
  [0, "8203"],
  [122, "827d"],
  [123, "827e007e"],
  [65_532, "827effff"],
  [65_533, "827f0000000000010000"],
  [1_048_573, "827f0000000000100000"],
];
for (const [restBytes, header] of headers) {
  test(`a frame of ${first.length + restBytes} bytes begins with ${header}`, () => {
    assert.equal(unmaskedFrame(first, restBytes).toString("hex"), `${header}010203`);
  });
}
