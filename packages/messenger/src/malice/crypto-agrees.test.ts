import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { useOneThread } from "./one-thread-crypto.test.js";

useOneThread();
// Not before: it makes keys while it loads.
const { makeVectors, openVectors } = await import("../protocol/make-vectors.test.js");
const vectors = JSON.parse(readFileSync(new URL("../../vectors/messenger-v1.json", import.meta.url), "utf8"));

describe("the crypto of the simulation", () => {
  it("makes the same bytes as WebCrypto", async () => assert.deepEqual(await makeVectors(vectors), vectors));

  it("opens what WebCrypto sealed and signed, and nothing that was changed", async () => {
    for (const { open, openOther, expected, sealed } of Object.values(await openVectors(vectors))) {
      assert.deepEqual(await open(), expected);
      const changed = Uint8Array.from(Buffer.from(sealed, "base64url"));
      changed[changed.length - 1]! ^= 1;
      await assert.rejects(openOther(changed));
    }
  });
});
