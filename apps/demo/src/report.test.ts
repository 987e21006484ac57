import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatCount, formatMs, quantile } from "./format.js";
import { formatTable } from "./report.js";

describe("formatTable", () => {
  it("aligns the first column to the left and the others to the right", () => {
    assert.deepEqual(
      formatTable([
        ["what", "n"],
        ["push", "1 000"],
      ]),
      ["  what       n", "  ────────────", "  push   1 000"],
    );
  });
});

describe("the figures", () => {
  it("have thousands set apart", () => {
    assert.equal(formatCount(999), "999");
    assert.equal(formatCount(1_234_567.4), "1 234 567");
  });

  it("have more digits where they are small", () => {
    assert.equal(formatMs(0.123), "0.12 ms");
    assert.equal(formatMs(12.34), "12.3 ms");
  });

  it("take quantiles from the sorted samples and none from nothing", () => {
    assert.equal(quantile([3, 1, 2], 0.5), 2);
    assert.equal(quantile([1, 2, 3], 1), 3);
    assert.ok(Number.isNaN(quantile([], 0.5)));
  });
});
