import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BufferBudget, defaultSettings } from "camp-session";
import { CampDialect } from "./camp-dialect.js";
import { Extensions } from "./extensions.js";
import { Phases } from "./phases.js";
import { refusals } from "./refusal.js";
import { Parameters } from "./upgrade-request.js";
import { VirtualClocks } from "./virtual-clocks.test.js";

const dialect = new CampDialect(
  {
    settings: defaultSettings,
    extensions: new Extensions(() => {}),
    deadlines: new VirtualClocks(),
    budget: new BufferBudget(1024, () => {}),
    phases: new Phases(),
    rates: null,
    idleTimeoutMs: null,
  },
  { resumeWindowMs: 0, maxDisconnectedSessions: 1 },
);

const accepted: [query: string, id: bigint][] = [
  ["x-camp-sid=0", 0n],
  ["x-camp-sid=42", 42n],
  ["x-CAMP-sid=42", 42n],
  ["X-Camp-SID=42", 42n],
  ["x-camp-sid=42&x-CAMP-sid=42", 42n],
  ["x-cryo-sid=42", 42n],
  ["X-CRYO-SID=42", 42n],
  ["x-camp-sid=42&x-cryo-sid=7", 42n],
  ["x-cryo-sid=not-a-number&x-CAMP-sid=42", 42n],
  ["x-camp-sid=00000000000000000042", 42n],
  ["x-camp-sid=18446744073709551615", 2n ** 64n - 1n],
];

const refused = [
  "",
  "x-camp-sid",
  "x-camp-sid=",
  "x-camp-sid=-1",
  "x-camp-sid=%2B1",
  "x-camp-sid=1.0",
  "x-camp-sid=1e3",
  "x-camp-sid=0x10",
  "x-camp-sid=%201",
  "x-camp-sid=1%0A",
  "x-camp-sid=%D9%A1", // an Arabic digit
  "x-camp-sid=18446744073709551616",
  "x-camp-sid=000000000000000000042", // 21 digits
  "x-camp-sid=42&x-CAMP-sid=43",
  "x-camp-sid=42&x-camp-sid=",
  "x-cryo-sid=42&X-Cryo-Sid=43",
  "x-camp-sid=x&x-cryo-sid=42",
  "x-cryo-sid=3f2b8c1e-0d4a-4b8e-9c55-6a1de5f0a7b2",
];

describe("the session id of a CAMP upgrade", () => {
  for (const [query, id] of accepted) {
    test(`"${query}" is ${id}`, () => assert.equal(dialect.readSessionId(new Parameters(query)), id));
  }
  for (const query of refused) {
    test(`"${query}" is refused`, () => {
      assert.equal(dialect.readSessionId(new Parameters(query)), refusals.badSessionId);
    });
  }
});
