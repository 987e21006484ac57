import assert from "node:assert/strict";
import { test } from "node:test";
import { keyText, printable, show } from "./index.js";

test("what a terminal or page would obey is shown, not obeyed", () => {
  const hostile = "a\u0000\n\u001b[31m\u007f\u009b\u200b\u202e\u2066\ufeffz";
  const harmless = "a\\u0000\\u000a\\u001b[31m\\u007f\\u009b\\u200b\\u202e\\u2066\\ufeffz";
  assert.equal(printable(hostile), harmless);
  assert.equal(printable('plain "text" \\ ümläut 😀'), 'plain "text" \\ ümläut 😀');
  for (const text of [show(hostile), keyText(hostile)]) assert.match(text, /^"a[\x20-\x7e]+z"$/);
});
