import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Example, examplesOf, firstMissing } from "./examples.js";
import { writtenFiles } from "./repository.js";
import { Workbench } from "./run-example.js";

const pages = writtenFiles().filter((file) =>
  /^(?:README\.md|docs\/.*\.md|packages\/[^/]+\/README\.md)$/.test(file.path),
);
const fence = "```";

/** Whom the examples of a page talk to, where the page itself does not show it. */
const companions: Readonly<Record<string, string>> = {
  "packages/camp-client-node/README.md": `import { CAMP } from "camp-server";
const validator = { validate: async (token) => token === "MySuperSecretToken" };
const server = await CAMP(validator, { port: 8080, host: "localhost" });
server.on("listening", () => console.log("listening"));
server.on("session", async (session) => {
  session.on("message-utf8", (text) => session.base.SendUTF8(text));
  for await (const chunk of await session.transaction.WaitForStream("upload"));
});
server.on("error", () => {}); // a session that ended without an upload
`,
};

describe("examplesOf", () => {
  it("finds the blocks of the languages that run, with line, directive and output", () => {
    const text = [
      "# Page",
      `${fence}sh`,
      "npm start",
      fence,
      "<!-- example: keep -->",
      `${fence}js`,
      "serve();",
      fence,
      "It prints:",
      `${fence}text output`,
      "listening",
      fence,
      `${fence}ts`,
      "const a: number = 1;",
      fence,
    ].join("\n");
    const [first, second, ...others] = examplesOf({ path: "docs/a.md", text });
    assert.deepEqual(others, []);
    assert.deepEqual(first, {
      page: "docs/a.md",
      line: 6,
      language: "js",
      code: "serve();\n",
      file: null,
      output: ["listening"],
      ends: "with the page",
      within: "module",
      skipped: null,
    });
    assert.deepEqual([second!.language, second!.ends, second!.output], ["ts", "by itself", []]);
  });

  it("takes of a literate page its files and what is only shown there", () => {
    const blocks = ["js a.js\na();", "js\nb();", "js\n/// c.js\nc();"].map((block) => `${fence}${block}\n${fence}\n`);
    const examples = examplesOf({ path: "a.md", text: `<!-- literate -->\n${blocks.join("")}` });
    assert.deepEqual(
      examples.map(({ file, code }) => [file, code]),
      [
        ["a.js", "a();\n"],
        [null, "/// c.js\nc();\n"],
      ],
    );
  });

  it("takes a reason for an example that is not run, and no directive that it does not know", () => {
    const page = (what: string) => ({ path: "a.md", text: `<!-- example: ${what} -->\n${fence}js\na();\n${fence}\n` });
    assert.equal(examplesOf(page("not run, because it needs a certificate"))[0]!.skipped, "it needs a certificate");
    assert.throws(() => examplesOf(page("maybe")), /a\.md:2: no such directive/);
  });
});

describe("firstMissing", () => {
  it("wants the lines in their order and lets others stand between", () => {
    assert.equal(firstMissing(["a", "c"], "a\nb\nc\n"), null);
    assert.equal(firstMissing(["c", "a"], "a\nb\nc\n"), "a");
  });

  it("matches a line that ends in an ellipsis by its beginning", () => {
    assert.equal(firstMissing(["port …"], "port 8080\n"), null);
    assert.equal(firstMissing(["port"], "port 8080\n"), "port");
  });
});

const bare: Example = {
  page: "a.md",
  line: 0,
  language: "js",
  code: "",
  file: null,
  output: [],
  ends: "by itself",
  within: "module",
  skipped: null,
};
const companion: Example = { ...bare, output: ["listening"], ends: "with the page" };

describe("the workbench", () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open();
  });
  after(() => workbench.close());

  it("refuses an example that throws, one that does not compile, and one that prints something else", async () => {
    await assert.rejects(workbench.run({ ...bare, code: 'throw new Error("broken");' }), /ended with 1.*broken/s);
    await assert.rejects(
      workbench.run({ ...bare, language: "ts", code: "const a: number = '1';" }),
      /does not compile/,
    );
    await assert.rejects(workbench.run({ ...bare, code: "console.log(1);", output: ["2"] }), /did not print "2"/);
  });

  it("stops one that goes on for ever once it has printed what it should", async () => {
    const endless = 'setInterval(() => {}, 1e6); console.log("up");';
    await workbench.run({ ...bare, code: endless, output: ["up"], ends: "once printed" });
    await assert.rejects(workbench.run({ ...bare, code: "1;", output: ["up"], ends: "once printed" }), /did not print/);
  });

  it("has files that examples import, and Vitest for those that are its tests", async () => {
    const test = (value: number) => `import { expect, test } from "vitest"; import { one } from "./one.js";
      test("one", () => expect(one).toBe(${value}));`;
    await workbench.run({ ...bare, file: "one.js", code: "export const one = 1;" });
    await workbench.run({ ...bare, code: 'import { one } from "./one.js"; console.log(one);', output: ["1"] });
    await workbench.run({ ...bare, code: test(1), within: "vitest" });
    await assert.rejects(workbench.run({ ...bare, code: test(2), within: "vitest" }), /expected 1 to be 2/);
  });

  it("runs CommonJS and TypeScript, and gives every printed port a free one", async () => {
    const code = 'require("node:net").createServer().listen(8080, function () { console.log("up"); this.close(); });';
    await workbench.run({ ...bare, language: "cjs", code, output: ["up"] });
    await workbench.run({ ...bare, language: "ts", code: "const port: number = 8080; if (port < 1) throw port;" });
  });
});

for (const page of pages) {
  const examples = examplesOf(page);
  if (examples.length === 0) continue;
  describe(`the examples of ${page.path}`, () => {
    let workbench: Workbench;
    before(async () => {
      workbench = await Workbench.open();
      const code = companions[page.path];
      if (code !== undefined) await workbench.run({ ...companion, code });
    });
    after(() => workbench.close());
    for (const example of examples.filter((candidate) => candidate.skipped === null)) {
      it(`run as printed: line ${example.line}`, () => workbench.run(example));
    }
  });
}
