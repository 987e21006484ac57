/**
 * A source file cut into what is code and what is not, with every position kept. Good enough for checks that look for
 * names: comments, strings and regular expressions must not be taken for code, nothing more is understood.
 */
export interface SourceText {
  /** Comments are blank, strings are kept. */
  readonly withoutComments: string;
  /** Comments are blank, and so is what stands inside strings, templates and regular expressions. */
  readonly codeOnly: string;
}

/** A module that a file refers to, and the line on which it does. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** After one of these a slash begins a regular expression; after anything else it divides. */
const beforeRegExp = /(?:^|[=(,:[!&|?{};+\-*%~^<>]|=>|\b(?:return|typeof|case|in|of|do|else|void|delete|await))\s*$/;

export function readSource(text: string): SourceText {
  const withoutComments = [...text];
  const codeOnly = [...text];
  /** For each template that is open: the depth of braces at which its `${` began. */
  const templates: number[] = [];
  let depth = 0;
  let at = 0;

  const blank = (target: string[], from: number, to: number): void => {
    for (let index = from; index < to; index++) if (target[index] !== "\n") target[index] = " ";
  };
  const endOfTemplatePart = (from: number): number => {
    let index = from;
    while (index < text.length && text[index] !== "`" && !text.startsWith("${", index)) {
      index += text[index] === "\\" ? 2 : 1;
    }
    return index;
  };
  const template = (from: number): number => {
    const end = endOfTemplatePart(from);
    blank(codeOnly, from, end);
    if (text[end] !== "$") return end + 1;
    templates.push(depth++);
    return end + 2;
  };

  while (at < text.length) {
    const character = text[at]!;
    if (text.startsWith("//", at) || text.startsWith("/*", at)) {
      const end = endOfComment(text, at);
      blank(withoutComments, at, end);
      blank(codeOnly, at, end);
      at = end;
    } else if (character === '"' || character === "'") {
      const end = endOfQuoted(text, at, character);
      blank(codeOnly, at + 1, end - 1);
      at = end;
    } else if (character === "`") {
      at = template(at + 1);
    } else if (character === "}" && templates.at(-1) === depth - 1) {
      templates.pop();
      depth--;
      at = template(at + 1);
    } else if (character === "/" && beforeRegExp.test(codeOnly.slice(Math.max(0, at - 20), at).join(""))) {
      const end = endOfRegExp(text, at);
      blank(codeOnly, at + 1, end - 1);
      at = end;
    } else {
      if (character === "{") depth++;
      if (character === "}") depth--;
      at++;
    }
  }
  return { withoutComments: withoutComments.join(""), codeOnly: codeOnly.join("") };
}

/** Every module named after `from`, in `import "…"`, in `import("…")` and in `require("…")`. */
export function importsOf(source: SourceText): Import[] {
  const imports: Import[] = [];
  const pattern = /\b(?:from\s*|import\s*\(?\s*|require\s*\(\s*)["']([^"'\n]+)["']/g;
  for (const match of source.withoutComments.matchAll(pattern)) {
    const keyword = match[0].slice(0, 4);
    if (source.codeOnly.slice(match.index, match.index + 4) !== keyword) continue;
    imports.push({ specifier: match[1]!, line: lineAt(source.withoutComments, match.index) });
  }
  return imports;
}

export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

function endOfComment(text: string, start: number): number {
  const isLine = text.startsWith("//", start);
  const end = text.indexOf(isLine ? "\n" : "*/", start + 2);
  if (end === -1) return text.length;
  return isLine ? end : end + 2;
}

function endOfQuoted(text: string, start: number, quote: string): number {
  let index = start + 1;
  while (index < text.length && text[index] !== quote && text[index] !== "\n") index += text[index] === "\\" ? 2 : 1;
  return index + 1;
}

function endOfRegExp(text: string, start: number): number {
  let inClass = false;
  for (let index = start + 1; index < text.length && text[index] !== "\n"; index++) {
    const character = text[index];
    if (character === "\\") index++;
    else if (character === "[") inClass = true;
    else if (character === "]") inClass = false;
    else if (character === "/" && !inClass) return index + 1;
  }
  return start + 1;
}
