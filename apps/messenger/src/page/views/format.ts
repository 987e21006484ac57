// Times and sizes as people of a language write them.

/** Made once each: making one takes longer than drawing the message that it stands in. */
const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(language: string, style: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = language + JSON.stringify(style);
  const known = formats.get(name) ?? new Intl.DateTimeFormat(language, style);
  formats.set(name, known);
  return known;
}

export function clockTime(time: number, language: string): string {
  return dateFormat(language, { timeStyle: "short" }).format(time);
}

/** Today the time, this year day and month, else the whole date. */
export function shortTime(time: number, language: string, now: number = Date.now()): string {
  if (dayOf(time) === dayOf(now)) return clockTime(time, language);
  const isThisYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  const style = isThisYear ? ({ day: "numeric", month: "short" } as const) : ({ dateStyle: "short" } as const);
  return dateFormat(language, style).format(time);
}

export function fullTime(time: number, language: string): string {
  return dateFormat(language, { dateStyle: "full", timeStyle: "medium" }).format(time);
}

/** The name of a day, above its messages. */
export function dayName(time: number, language: string, words: { today: string; yesterday: string }): string {
  const now = new Date();
  if (dayOf(time) === dayOf(now)) return words.today;
  if (dayOf(time) === dayOf(now.setDate(now.getDate() - 1))) return words.yesterday;
  return dateFormat(language, { dateStyle: "full" }).format(time);
}

export function dayOf(time: number | Date): string {
  return new Date(time).toDateString();
}

export function bytesText(bytes: number, language: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const options = { style: "unit", unit: units[power]!, maximumFractionDigits: power === 0 ? 0 : 1 } as const;
  return new Intl.NumberFormat(language, options).format(bytes / 1000 ** power);
}
