import { isTest, type TextFile } from "./repository.js";
import { lineAt, readSource } from "./source-text.js";

/** Longest source file that is not a test, in lines. A file that outgrows it holds a second concept. */
export const fileLinesMax = 400;

/** One thing that must not stand in a file. `pattern` has the flag `g`. */
interface Rule {
  readonly what: string;
  readonly pattern: RegExp;
  /** Where to look: in the code alone, in code and strings, or in everything. */
  readonly within: "code" | "strings" | "all";
  readonly appliesTo: (path: string) => boolean;
  /** For patterns that match more than is meant. */
  readonly except?: (code: string, position: number, match: string) => boolean;
}

const isSource = (path: string): boolean => /\.(?:ts|mjs|js)$/.test(path);
const isTypeScript = (path: string): boolean => path.endsWith(".ts");
const isPackageCode = (path: string): boolean => /^packages\/(?!conformance\/)/.test(path) && isTypeScript(path);
const isShipped = (path: string): boolean => isPackageCode(path) && !isTest(path);

/** The layers that know no platform: everything they need of the world is handed to them. */
const isPlatformFree = (path: string): boolean =>
  /^packages\/(?:camp-protocol\/src|camp-session\/src|state-tree\/src|camp-runtime\/src\/common)\//.test(path) &&
  isShipped(path);

const globalName = "(?<![.\\w$#])";

const rules: readonly Rule[] = [
  {
    what: "a name of the platform in a layer that knows none",
    pattern: new RegExp(`${globalName}(?:process|Buffer|console|document|window|navigator)\\s*[.([]`, "g"),
    within: "code",
    appliesTo: isPlatformFree,
  },
  {
    what: "a timer, request or socket that was not handed in",
    pattern: new RegExp(
      `${globalName}(?:setTimeout|setInterval|setImmediate|clearTimeout|clearInterval|queueMicrotask|fetch|WebSocket)\\s*\\(`,
      "g",
    ),
    within: "code",
    appliesTo: isPlatformFree,
    except: isSignature,
  },
  {
    what: "a clock or randomness that was not handed in",
    pattern: new RegExp(`${globalName}(?:Date\\s*[.(]|performance\\s*\\.|crypto\\s*\\.|Math\\.random\\b)`, "g"),
    within: "code",
    appliesTo: isPlatformFree,
  },
  {
    what: "a way around the compiler's view of the platform",
    pattern: /\bglobalThis\b|\bdeclare\s+(?:const|let|var|function|global|class)\b/g,
    within: "code",
    // The harness of the tests may look for a turn of the event loop where the language offers none.
    appliesTo: (path) => isPlatformFree(path) && !path.endsWith(".d.ts") && !path.includes("/testing/"),
  },
  {
    what: "a reference directive",
    pattern: /^\/\/\/\s*<reference/gm,
    within: "all",
    appliesTo: isTypeScript,
  },
  {
    what: "console in a package",
    pattern: new RegExp(`${globalName}console\\s*\\.`, "g"),
    within: "code",
    appliesTo: isShipped,
  },
  {
    what: "the end of the process in a package",
    pattern: /\bprocess\s*\.\s*(?:exit|abort|kill|reallyExit)\b/g,
    within: "code",
    appliesTo: isShipped,
  },
  { what: "export * hides what is public", pattern: /\bexport\s*\*/g, within: "code", appliesTo: isSource },
  {
    what: "the type any",
    pattern: /(?<![.\w$#])any\b(?!\s*(?:\w|\(|\??:))/g,
    within: "code",
    appliesTo: isTypeScript,
  },
  {
    what: "the compiler's objection is silenced",
    pattern: /@ts-(?:ignore|nocheck)\b/g,
    within: "all",
    appliesTo: isTypeScript,
  },
  {
    what: "a test that does not run",
    pattern: /\b(?:it|test|describe|suite|t)\s*\.\s*(?:skip|only|todo)\b|[{,]\s*(?:skip|only|todo)\s*:/g,
    within: "code",
    appliesTo: isTest,
  },
  {
    what: "a fixed sleep; wait for an event or move the clock",
    pattern:
      /=>\s*\{?\s*(?:return\s+)?setTimeout\s*\(\s*(?:resolve|r|done|ok)\b|\bawait\s+(?:setTimeout|sleep|delay)\s*\(|\bsetTimeout\b[^}]*\}\s*from\s*["']node:timers\/promises["']/g,
    within: "strings",
    appliesTo: isTest,
  },
  {
    what: "a mark of unfinished work",
    pattern: /\bTO-?DO\b|\bFIX-?ME\b|\bX{3}\b|\bHA(?:CK)\b/g,
    within: "all",
    appliesTo: (path) => /\.(?:ts|mjs|js|md)$/.test(path),
  },
  {
    what: "a path of somebody's machine",
    pattern: /(?<![\w.$*])(?:\/(?:home|Users|root|mnt|var\/folders|tmp)\/[\w.-]+|[A-Z]:\\(?:Users|Temp)\b)/g,
    within: "all",
    appliesTo: (path) => !isTest(path),
  },
];

/** What in this file breaks the rules of the house. */
export function checkHouseRules(file: TextFile): string[] {
  const source = isSource(file.path) ? readSource(file.text) : null;
  const problems = rules
    .filter((rule) => rule.appliesTo(file.path))
    .flatMap((rule) => {
      const text = source === null || rule.within === "all" ? file.text : textFor(rule, source);
      return [...text.matchAll(rule.pattern)]
        .filter((match) => rule.except?.(text, match.index, match[0]) !== true)
        .map((match) => `${file.path}:${lineAt(text, match.index)}: ${rule.what}: ${match[0].trim()}`);
    });
  const lines = file.text.split("\n").length - 1;
  if (isSource(file.path) && !isTest(file.path) && lines > fileLinesMax) {
    problems.push(`${file.path}: ${lines} lines, more than ${fileLinesMax}`);
  }
  return problems;
}

function textFor(rule: Rule, source: { readonly codeOnly: string; readonly withoutComments: string }): string {
  return rule.within === "code" ? source.codeOnly : source.withoutComments;
}

/** Whether the parenthesis at the end of the match opens the parameters of a declaration rather than those of a call. */
function isSignature(code: string, position: number, match: string): boolean {
  let depth = 0;
  for (let index = position + match.length - 1; index < code.length; index++) {
    if (code[index] === "(") depth++;
    if (code[index] === ")" && --depth === 0) return /^\s*(?:[:{]|=>)/.test(code.slice(index + 1));
  }
  return false;
}
