import { posix } from "node:path";
import { isTest, type Manifest, type TextFile } from "./repository.js";
import { importsOf, readSource } from "./source-text.js";

/** One layer of the repository. A layer imports what it lists and nothing else. */
export interface Layer {
  /** How other layers import it, or its folder if none does. */
  readonly name: string;
  readonly folder: string;
  readonly imports: readonly string[];
  /** What its tests may import as well. */
  readonly testImports?: readonly string[];
}

/** Stands for every module that Node brings along. */
const node = "node:";
const wire = "camp-protocol";
/** How any dialect writes numbers and text, below the frames of each. */
const bytes = "camp-protocol/bytes";
const cryo = "cryo-protocol";
const tree = "state-tree";
const network = "mock-websocket/network";
const session = "camp-session";
const common = "camp-runtime";
const runtime = "camp-runtime/node";
const web = "camp-runtime/web";
const testing = [node, "fast-check"];

/** From the bottom up: a layer may only name layers above itself in this list. */
export const layers: readonly Layer[] = [
  { name: wire, folder: "packages/camp-protocol/src", imports: [], testImports: testing },
  { name: cryo, folder: "packages/cryo-protocol/src", imports: [bytes], testImports: testing },
  { name: tree, folder: "packages/state-tree/src", imports: [], testImports: testing },
  { name: network, folder: "packages/mock-websocket/src/network", imports: [], testImports: testing },
  {
    name: "mock-websocket",
    folder: "packages/mock-websocket/src",
    imports: [network],
    testImports: [...testing, "browser-testing", "ws"],
  },
  // What runs sessions on a simulated network is shipped with them, as camp-session/testing.
  { name: session, folder: "packages/camp-session/src", imports: [wire, cryo, network], testImports: testing },
  { name: common, folder: "packages/camp-runtime/src/common", imports: [wire, bytes, session], testImports: testing },
  {
    name: web,
    folder: "packages/camp-runtime/src/web",
    imports: [wire, cryo, session, common],
    testImports: [...testing, "browser-testing"],
  },
  {
    name: runtime,
    folder: "packages/camp-runtime/src/node",
    imports: [wire, cryo, session, common, node, "ws"],
    testImports: testing,
  },
  {
    name: "camp-client-node",
    folder: "packages/camp-client-node/src",
    imports: [wire, session, common, runtime, node],
    testImports: [...testing, "camp-server", "ws"],
  },
  {
    name: "camp-server",
    folder: "packages/camp-server/src",
    imports: [wire, session, common, runtime, node],
    testImports: [...testing, "camp-client-node", "ws"],
  },
  {
    name: "browser-testing",
    folder: "packages/browser-testing/src",
    imports: [
      ...[node, "playwright-core", "esbuild", "chai"],
      ...["@noble/ciphers/aes.js", "@noble/curves/nist.js", "@noble/hashes/sha2.js"],
    ],
    testImports: [wire],
  },
  {
    name: "state-tree-view",
    folder: "packages/state-tree-view/src",
    imports: [tree],
    testImports: [...testing, "browser-testing"],
  },
  {
    name: "literate",
    folder: "packages/literate/src",
    imports: [
      ...[
        node,
        "browser-testing",
        "browser-testing/files",
        "browser-testing/assert",
        tree,
        "state-tree-view",
        "mock-websocket",
      ],
      ...["dompurify", "marked"],
    ],
  },
  {
    name: "cryo-client-node",
    folder: "packages/cryo-client-node/src",
    imports: [session, common, runtime],
    testImports: [...testing, "cryo-server"],
  },
  {
    name: "cryo-server",
    folder: "packages/cryo-server/src",
    imports: [session, common, runtime],
    testImports: [...testing, "cryo-client-node", "camp-server", "camp-client-node"],
  },
  {
    name: "messenger/protocol",
    folder: "packages/messenger/src/protocol",
    imports: ["@hpke/core"],
    testImports: testing,
  },
  {
    name: "messenger",
    folder: "packages/messenger/src/client",
    imports: ["messenger/protocol", "state-tree"],
    testImports: testing,
  },
  {
    name: "messenger/sqlite",
    folder: "packages/messenger/src/sqlite",
    imports: ["messenger/protocol", node, "libsql"],
    testImports: testing,
  },
  {
    name: "messenger/server",
    folder: "packages/messenger/src/server",
    imports: ["messenger/protocol", "messenger/sqlite", "camp-server", node],
    testImports: [...testing, "messenger", "camp-client-node", "libsql"],
  },
  {
    name: "messenger/malice",
    folder: "packages/messenger/src/malice",
    imports: [],
    testImports: [...testing, "messenger", "messenger/protocol", "messenger/server"],
  },
  {
    name: "messenger/node",
    folder: "packages/messenger/src/node",
    imports: [
      ...["messenger/protocol", "messenger", "messenger/sqlite", "messenger/server"],
      ...["camp-client-node", node],
    ],
    testImports: testing,
  },
  {
    name: "session-recorder",
    folder: "packages/session-recorder/src/model",
    imports: [tree],
    testImports: testing,
  },
  {
    name: "session-recorder/replay",
    folder: "packages/session-recorder/src/replay",
    imports: [wire, cryo, session, tree, "mock-websocket", "session-recorder"],
    testImports: testing,
  },
  {
    name: "session-recorder/node",
    folder: "packages/session-recorder/src/node",
    imports: [runtime, "session-recorder", node],
    testImports: [
      ...[...testing, "session-recorder/replay", "camp-server", "camp-client-node"],
      ...["cryo-server", "cryo-client-node"],
    ],
  },
  {
    name: "session-inspector/page",
    folder: "packages/session-inspector/src/page",
    imports: [tree, "state-tree-view", "session-recorder"],
  },
  {
    name: "session-inspector",
    folder: "packages/session-inspector/src/node",
    imports: ["session-recorder", "session-recorder/node", node],
    testImports: [...testing, "camp-server", "camp-client-node", "browser-testing"],
  },
  {
    name: "camp-client-browser",
    folder: "packages/camp-client-browser/src",
    imports: [session, common, web],
    testImports: [
      ...[...testing, "browser-testing", "camp-server"],
      ...["mock-websocket", "session-recorder", "session-recorder/replay"],
    ],
  },
  {
    name: "messenger/browser",
    folder: "packages/messenger/src/browser",
    imports: ["messenger/protocol", "messenger", "camp-client-browser"],
    testImports: [...testing, "browser-testing", "messenger/server"],
  },
  {
    name: "cryo-client-browser",
    folder: "packages/cryo-client-browser/src",
    imports: [cryo, session, common, web, "@noble/ciphers/aes.js", "@noble/curves/nist.js", "@noble/hashes/sha2.js"],
    testImports: [...testing, "browser-testing", "cryo-server"],
  },
  {
    name: "conformance",
    folder: "packages/conformance/src",
    imports: [wire, cryo, "camp-client-node", "camp-server", "cryo-client-node", "cryo-server", "literate", node, "ws"],
    testImports: [common, runtime, session, "browser-testing", "esbuild", "publint", "publint/utils"],
  },
  {
    name: "@camp/demo",
    folder: "apps/demo/src",
    imports: ["camp-client-node", "camp-server", "session-inspector", node],
  },
  {
    name: "@camp/messenger/page",
    folder: "apps/messenger/src/page",
    imports: ["messenger", "messenger/browser", "preact", "preact/hooks", "qr", "qr/decode.js"],
    testImports: testing,
  },
  { name: "@camp/messenger/worker", folder: "apps/messenger/src/worker", imports: [] },
  {
    name: "@camp/messenger/server",
    folder: "apps/messenger/src/server",
    imports: ["messenger/server", "session-inspector", node],
    testImports: ["messenger/node"],
  },
  // As users would: pages in a browser.
  {
    name: "@camp/messenger/end-to-end",
    folder: "apps/messenger/src/end-to-end",
    imports: [
      ...["@camp/messenger/page", "@camp/messenger/server", "messenger", "messenger/node", "messenger/server"],
      ...["browser-testing", "axe-core", node],
    ],
  },
  // Its faults follow from the same seeded randomness as those of the simulation.
  {
    name: "@camp/chaos",
    folder: "apps/chaos/src",
    imports: ["camp-session/testing", "camp-client-node", "camp-server", node],
    testImports: [wire, "ws"],
  },
  {
    name: "examples",
    folder: "examples",
    imports: ["camp-server", node],
  },
  // Measures each layer, so it may look at each, and at what users would take instead.
  {
    name: "@camp/bench",
    folder: "bench",
    imports: [
      ...[
        wire,
        tree,
        session,
        `${session}/testing`,
        runtime,
        "camp-client-node",
        "camp-server",
        "cryo-client-node",
        "cryo-server",
        node,
        "ws",
      ],
      ...["messenger", "messenger/node", "messenger/protocol", "messenger/server", "@camp/messenger/pages"],
      "browser-testing/launch",
      ...["aedes", "mqtt", "socket.io", "socket.io-client"],
    ],
  },
];

/** What is wrong with the table itself: an arrow that points up. */
export function checkTable(table: readonly Layer[]): string[] {
  return table.flatMap((layer, index) => {
    const above = new Set(table.slice(index).map((other) => other.name));
    return layer.imports.filter((name) => above.has(name)).map((name) => `${layer.name} may not import ${name}`);
  });
}

/** What a file imports although its layer may not. */
export function checkImports(file: TextFile, table: readonly Layer[] = layers): string[] {
  const layer = table.find((candidate) => file.path.startsWith(`${candidate.folder}/`));
  if (layer === undefined) return [`${file.path}: belongs to no layer of layers.ts`];
  const allowed = [layer.name, ...layer.imports, ...(isTest(file.path) ? (layer.testImports ?? []) : [])];
  return importsOf(readSource(file.text)).flatMap(({ specifier, line }) => {
    const target = targetOf(file.path, specifier, table);
    if (allowed.includes(target)) return [];
    // A package's own test support is open to the tests above it, and to nothing that ships.
    if (isTest(file.path) && allowed.includes(target.replace(/\/testing$/, ""))) return [];
    return [`${file.path}:${line}: ${layer.name} must not import ${specifier}`];
  });
}

/**
 * Dependencies that are used and not declared, or declared and not used. `files` are those of one package; what only tests
 * use counts where nothing is shipped. `tools` are installed for the whole repository and need not be declared.
 */
export function checkDependencies(
  manifest: Manifest,
  files: readonly TextFile[],
  tools: ReadonlySet<string> = new Set(),
): string[] {
  const used = new Set<string>();
  for (const file of files) {
    if (isTest(file.path) && manifest.private !== true) continue;
    for (const { specifier } of importsOf(readSource(file.text))) {
      const name = packageOf(specifier);
      if (name !== null && name !== manifest.name && !tools.has(name)) used.add(name);
    }
  }
  const declared = new Set(Object.keys(manifest.dependencies ?? {}));
  return [
    ...[...used].filter((name) => !declared.has(name)).map((name) => `${manifest.name}: imports ${name}, not declared`),
    ...[...declared]
      .filter((name) => !used.has(name))
      .map((name) => `${manifest.name}: declares ${name}, not imported`),
  ];
}

/** The layer, package or `node:` that a specifier leads to. */
function targetOf(path: string, specifier: string, table: readonly Layer[]): string {
  if (specifier.startsWith(node)) return node;
  if (!specifier.startsWith(".")) return specifier;
  const resolved = posix.join(posix.dirname(path), specifier);
  return table.find((layer) => resolved.startsWith(`${layer.folder}/`))?.name ?? resolved;
}

function packageOf(specifier: string): string | null {
  if (specifier.startsWith(".") || specifier.startsWith(node)) return null;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
