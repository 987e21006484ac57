import { de } from "./de.js";
import { en, type Texts } from "./en.js";

export type { Texts } from "./en.js";

export type Language = "en" | "de";

/** The texts of a language, and how it writes times. */
export interface Speech {
  readonly language: Language;
  readonly texts: Texts;
}

/** What the browser asks for, where the user has not chosen. */
export function speechFor(chosen: Language | "auto", wanted: readonly string[] = navigator.languages): Speech {
  const language = chosen === "auto" ? preferred(wanted) : chosen;
  return { language, texts: language === "de" ? de : en };
}

function preferred(wanted: readonly string[]): Language {
  const known = wanted.map((tag) => tag.slice(0, 2)).find((tag) => tag === "de" || tag === "en");
  return known === "de" ? "de" : "en";
}
