import type { Language } from "../texts/index.js";

/** What the user chose. None of it is secret. */
export interface Preferences {
  readonly language: Language | "auto";
  readonly appearance: "auto" | "light" | "dark";
  readonly readReceipts: boolean;
  readonly notifications: boolean;
}

const key = "preferences";
const defaults: Preferences = { language: "auto", appearance: "auto", readReceipts: false, notifications: false };

export function loadPreferences(): Preferences {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Preferences>) };
  } catch {
    return defaults;
  }
}

export function savePreferences(preferences: Preferences): void {
  localStorage.setItem(key, JSON.stringify(preferences));
}
