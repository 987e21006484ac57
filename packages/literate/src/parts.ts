import { marked, type Token, type Tokens } from "marked";

/** A piece of a page, in the order of the page. */
export type Part =
  /** Text to read, as HTML that nobody has sanitised yet. */
  | { readonly type: "prose"; readonly html: string }
  /** An `html` block: part of the page itself, and not sanitised yet either. */
  | { readonly type: "html"; readonly html: string }
  /** A `js` block: a module, which others import if it has a name. Those that are only shown are not run. */
  | {
      readonly type: "js";
      readonly number: number;
      readonly name: string | null;
      readonly code: string;
      readonly runs: boolean;
    };

/** How a page says that its blocks run where it is shown: the beginning of its first line. */
const mark = "<!-- literate";

/** Whether the blocks of a page are to run where it is shown. */
export function isLiterate(markdown: string): boolean {
  return markdown.startsWith(mark);
}

/** The parts of a page. The blocks of one that is not `literate` are text like any other. */
export function partsOf(markdown: string, literate: boolean): Part[] {
  const parts: Part[] = [];
  let prose: Token[] = [];
  let number = 0;
  const endProse = (): void => {
    if (prose.length > 0) parts.push({ type: "prose", html: marked.parser(prose) });
    prose = [];
  };
  for (const token of marked.lexer(markdown)) {
    const block = literate ? blockOf(token) : null;
    if (block === null) {
      prose.push(token);
      continue;
    }
    endProse();
    const { language, name, text } = block;
    if (language === "html") parts.push({ type: "html", html: text });
    else parts.push({ type: "js", number: number++, name, code: text, runs: !text.startsWith("///") });
  }
  endProse();
  return parts;
}

interface Block {
  readonly language: "html" | "js";
  readonly name: string | null;
  readonly text: string;
}

/** A fenced block of one of the two languages. What follows the language is its name: `js chat.js`. */
function blockOf(token: Token): Block | null {
  if (token.type !== "code") return null;
  const { lang = "", text } = token as Tokens.Code;
  const [language, name = null] = lang.split(" ");
  return language === "html" || language === "js" ? { language, name, text } : null;
}
