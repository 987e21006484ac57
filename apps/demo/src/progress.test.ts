import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bar, type Output, Progress } from "./progress.js";

function collect(isTTY: boolean): { readonly output: Output; readonly text: () => string } {
  let text = "";
  return {
    output: {
      isTTY,
      hasColors: false,
      write(more) {
        text += more;
      },
    },
    text: () => text,
  };
}

describe("Progress", () => {
  it("prints a line for each quarter where there is no terminal", () => {
    const { output, text } = collect(false);
    const progress = new Progress(output, "step", 8, String);
    for (let done = 1; done <= 8; done++) progress.update(done);
    assert.deepEqual(
      text()
        .split("\n")
        .map((line) => line.trim().replace(/ +/g, " ")),
      ["step 25 % 2 of 8", "step 50 % 4 of 8", "step 75 % 6 of 8", "step 100 % 8 of 8", ""],
    );
  });

  it("redraws one line on a terminal and ends it once", () => {
    const { output, text } = collect(true);
    const progress = new Progress(output, "step", 8, String);
    progress.update(1);
    progress.update(8);
    progress.update(8);
    progress.abandon();
    assert.equal(text().split("\r").length, 3);
    assert.equal(text().split("\n").length, 2);
    assert.ok(text().endsWith("100 %   8 of 8\u001b[K\n"));
  });

  it("leaves an unfinished bar on a line of its own", () => {
    const { output, text } = collect(true);
    const progress = new Progress(output, "step", 8, String);
    progress.abandon();
    assert.equal(text(), "");
    const second = new Progress(output, "step", 8, String);
    second.update(1);
    second.abandon();
    assert.ok(text().endsWith("\u001b[K\n"));
  });
});

describe("bar", () => {
  it("has the same width at every share", () => {
    for (let share = 0; share <= 1; share += 0.01) assert.equal(bar(share).length, 32);
  });

  it("is empty at nothing and full at all, also beyond", () => {
    assert.equal(bar(0), "·".repeat(32));
    assert.equal(bar(1), "█".repeat(32));
    assert.equal(bar(1.5), bar(1));
  });
});
