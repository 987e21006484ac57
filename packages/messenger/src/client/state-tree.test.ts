import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createStateTree } from "./state-tree.js";

describe("the state tree of a messenger", () => {
  it("has a row for everything that changes, whose residue is its state", () => {
    const { tree, record } = createStateTree();
    record("connection", { state: "connecting" });
    record("contact a", { state: "invited" });
    record("connection", { state: "online", skewMs: 5 });
    record("contact a", { state: "linked" });
    record("connection", { state: "online", skewMs: 7 });
    assert.deepEqual(tree.residues(), [
      { name: "messenger", row: "connection", state: "online", skewMs: 7 },
      { name: "messenger", row: "contact a", state: "linked" },
    ]);
  });

  it("goes on for long: old changes of a row become one", () => {
    const { tree, record } = createStateTree();
    record("connection", { state: "online" });
    for (let n = 0; n < 5000; n++) record("contact a", { received: n });
    assert.deepEqual(tree.residue(), { name: "messenger", row: "contact a", received: 4999 });
    assert.ok(tree.nodes.filter((node) => node !== null).length < 3000);
  });
});
