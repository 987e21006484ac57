import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import * as client from "camp-client-node";
import {
  checkClientOptions,
  checkCryoClientOptions,
  checkCryoServerOptions,
  checkServerOptions,
} from "camp-runtime/node";
import * as server from "camp-server";
import { type OptionRow, optionTables } from "./option-tables.js";
import { writtenFiles } from "./repository.js";

const files = new Map(writtenFiles().map((file) => [file.path, file.text]));
const optionsPage = optionTables(files.get("docs/options.md")!);
const errorsPage = files.get("docs/errors.md")!;

/** One of the tables of the page and what checks the options of that kind. */
interface Checked {
  readonly table: string;
  readonly check: (given: Record<string, unknown>) => Record<string, unknown>;
}

/** Enough for a server to take the options of Cryo sessions. */
const mixed = { dialects: ["camp", "cryo"] } as const;

const checked: readonly Checked[] = [
  { table: "Servers", check: (given) => ({ ...checkServerOptions({ ...mixed, ...given }) }) },
  { table: "Clients", check: (given) => ({ ...checkClientOptions(given) }) },
  { table: "`backpressure`", check: (given) => ({ ...checkServerOptions({ backpressure: given }).backpressure }) },
  { table: "`reconnect`", check: (given) => ({ ...checkClientOptions({ reconnect: given }).reconnect }) },
];

describe("docs/options.md", () => {
  for (const { table, check } of checked) {
    const rows = optionsPage.get(table) ?? [];

    it(`names every option of ${table} and no other`, () => {
      assert.deepEqual(names(table).sort(), known(check).sort());
    });

    it(`gives the defaults of ${table}`, () => {
      const defaults = check({});
      for (const { name, absent } of rows) {
        if (absent === null) continue;
        assert.equal(typeof absent === "number" ? defaults[name] : String(defaults[name]), absent, name);
      }
    });

    it(`gives the ranges of ${table}`, () => {
      for (const row of rows) checkRange(row, check);
    });
  }
});

describe("docs/options.md on Cryo", () => {
  const ofCampAlone = ["streamStallTimeoutMs", "maxStreams", "dialects", "resumeWindowMs", "maxDisconnectedSessions"];
  const isShared = (name: string) => !ofCampAlone.includes(name);

  it("says what its server takes", () => {
    const check: Checked["check"] = (given) => ({ ...checkCryoServerOptions(given) });
    assert.deepEqual(known(check).sort(), names("Servers").filter(isShared).sort());
  });

  it("says what its client takes, and the defaults", () => {
    const check: Checked["check"] = (given) => ({ ...checkCryoClientOptions(given) });
    const own = optionsPage.get("Cryo clients") ?? [];
    const all = [...names("Clients").filter(isShared), ...names("Cryo clients")];
    assert.deepEqual(known(check).sort(), all.sort());
    const defaults = check({});
    for (const { name, absent } of own) if (absent !== null) assert.equal(String(defaults[name]), absent, name);
    assert.deepEqual(defaults.compat, { acceptPlaintextBeforeFirstRecord: false });
  });
});

describe("docs/options.md on browsers", async () => {
  // Its declarations are for pages; the options themselves are checked anywhere.
  const page = (await import(
    new URL("../../camp-runtime/dist/web/client-options.js", import.meta.url).href
  )) as Readonly<Record<"checkCampOptions" | "checkCryoOptions", (given: object) => object>>;
  const clients = [
    ["CAMP", page.checkCampOptions, checkClientOptions],
    ["Cryo", page.checkCryoOptions, checkCryoClientOptions],
  ] as const;
  const ofNodeAlone = ["headers", "tls", "masking"];

  for (const [dialect, inPage, onNode] of clients) {
    const check: Checked["check"] = (given) => ({ ...inPage(given) });

    it(`says what a ${dialect} client takes in a page, and the defaults`, () => {
      const expected = known((given) => ({ ...onNode(given) })).filter((name) => !ofNodeAlone.includes(name));
      assert.deepEqual(known(check).sort(), expected.sort());
      const there: Record<string, unknown> = { ...onNode({}) };
      for (const name of ofNodeAlone) delete there[name];
      assert.deepEqual(check({}), there);
      for (const row of optionsPage.get("Clients in browsers") ?? []) {
        assert.equal(check({})[row.name], row.absent);
        checkRange(row, check);
      }
      failure(() => check({ tokenIn: "header" }));
    });
  }
});

function names(table: string): string[] {
  return (optionsPage.get(table) ?? []).map(({ name }) => name);
}

/** The names that the options of a kind have, as the error for an unknown one lists them. */
function known(check: Checked["check"]): string[] {
  const { message } = failure(() => check({ noSuchOption: 1 }));
  return /known are (.*)$/.exec(message)?.[1]?.split(", ") ?? [];
}

function checkRange({ name, min, max, choices }: OptionRow, check: Checked["check"]): void {
  const given = (value: unknown) => check({ ...neighbours(name, value), [name]: value });
  for (const choice of choices) given(choice);
  if (choices.length > 0) failure(() => given("anything else"));
  if (min === null) return;
  given(min);
  failure(() => given(min - 1));
  failure(() => given(min + 0.5));
  failure(() => given(`${min}`));
  // The low mark ends below the largest high one.
  const largest = max ?? Number.MAX_SAFE_INTEGER - (name === "lowWaterMark" ? 1 : 0);
  given(largest);
  failure(() => given(largest + 1));
}

/** Options that must agree with the one that is tried. */
function neighbours(name: string, value: unknown): Record<string, unknown> {
  if (name === "highWaterMark") return { lowWaterMark: Number(value) - 1 };
  if (name === "lowWaterMark") return { highWaterMark: Number.MAX_SAFE_INTEGER };
  return {};
}

function failure(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof server.OptionsError, String(error));
    return error;
  }
  assert.fail("an option that makes no sense was accepted");
}

describe("ARCHITECTURE.md", () => {
  it("names only what exists", () => {
    const sources = [...files].filter(([path]) => /^packages\/[^/]+\/src\/.*(?<!\.test)\.ts$/.test(path));
    const code = sources.map(([, text]) => text).join("\n");
    const named = [...files.get("ARCHITECTURE.md")!.matchAll(/`([A-Za-z]+)(?:\.([A-Za-z]+))?(?:\(\))?`/g)];
    const symbols = named.flatMap((match) => [match[1]!, match[2] ?? match[1]!]).filter((name) => /[A-Z]/.test(name));
    assert.ok(symbols.length > 30);
    for (const symbol of new Set(symbols)) assert.match(code, new RegExp(`\\b${symbol}\\b`), symbol);
  });
});

describe("docs/errors.md", () => {
  it("has every class of error that the server and the client hand out", () => {
    const names = [...Object.keys(server), ...Object.keys(client)].filter((name) => name.endsWith("Error"));
    assert.ok(names.length > 20);
    for (const name of new Set(names)) assert.ok(errorsPage.includes(`\`${name}\``), name);
  });

  it("has every code", () => {
    const codes = new Set<string>();
    for (const [path, text] of files) {
      if (!/^packages\/camp-[^/]+\/src\/.*(?<!\.test)\.ts$/.test(path)) continue;
      for (const match of text.matchAll(/\b(?:super|new \w+Error)\(\s*"([A-Z][A-Z_]+)"/g)) codes.add(match[1]!);
    }
    assert.ok(codes.size > 15, [...codes].join());
    for (const code of codes) assert.ok(errorsPage.includes(`\`${code}\``), code);
  });
});

describe("docs/logging.md", () => {
  it("has every field of the statistics", async (t) => {
    const running = await server.CAMP({ validate: async () => true }, { port: 0, host: "127.0.0.1" });
    t.after(() => running.Destroy());
    await once(running, "listening");
    const session = await client.CAMP(`127.0.0.1:${running.port}`, "token");
    const page = files.get("docs/logging.md")!;
    for (const field of Object.keys(session.stats)) assert.ok(page.includes(`\`${field}\``), field);
    await session.Close("done");
  });
});
