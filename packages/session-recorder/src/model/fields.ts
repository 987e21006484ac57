import { RecordingError, type RecordingErrorCode } from "./recording-error.js";
import { type Belief, figureNames, type Step, stepKinds } from "./step.js";

/** What is wrong with a value, or null. */
type Check = (value: unknown) => string | null;
/** The fields of an object; those with a question mark may be absent. */
type Fields = Readonly<Record<string, Check>>;

/** No text in a recording is longer, except frames in hex. */
const textMax = 500;
/** 66 000 bytes. */
const hexMax = 132_000;

const text: Check = (value) =>
  typeof value !== "string"
    ? "must be a text"
    : value.length > textMax
      ? `has ${value.length} characters, more than ${textMax}`
      : null;
const number: Check = (value) =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? null : "must be a number from 0";
const count: Check = (value) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? null : "must be an integer from 0";
const hex: Check = (value) => {
  if (typeof value !== "string" || value.length % 2 === 1 || !/^[0-9a-f]*$/.test(value)) return "must be bytes in hex";
  return value.length > hexMax ? `has ${value.length} digits, more than ${hexMax}` : null;
};
const flag: Check = (value) => (typeof value === "boolean" ? null : "must be true or false");
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null ? null : check(value);
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string) ? null : `must be one of ${values.join(", ")}`;

const figures: Fields = Object.fromEntries(
  figureNames.map((name) => [name, name === "rttMs" ? nullable(number) : count]),
);
const changes: Fields = Object.fromEntries(
  Object.entries({ state: text, connections: count, ...figures }).map(([name, check]) => [`${name}?`, check]),
);
const rowName: Fields = { row: count, role: oneOf("client", "server"), dialect: text, session: text };
const belief: Fields = { ...rowName, state: text, connections: count, steps: count, ...figures };

const part =
  (fields: Fields): Check =>
  (value) => {
    const fault = faultOf(value, fields);
    return fault === null ? null : [fault.field, fault.fault].filter((each) => each !== null).join(": ");
  };

/** The first line. */
export const headerFields: Fields = { recording: count, payloads: flag };
/** The beginning of a row; `belief` and what follows it where older steps were folded. */
export const rowFields: Fields = {
  ...{ handler: oneOf("row"), ...rowName, atMs: number },
  ...{ "belief?": part(belief), "folded?": count },
};
export const stepFields: Fields = {
  ...{ row: count, handler: oneOf(...stepKinds), number: count, atMs: number },
  ...{ "direction?": oneOf("in", "out"), "frame?": text, "bytes?": count, "hex?": hex },
  ...{ "event?": text, "code?": count, "reason?": text, "changed?": part(changes) },
};

/** @throws {RecordingError} `BAD_FIELD` for a value that does not have these fields */
export function expectFields(
  value: unknown,
  fields: Fields,
  line: number,
  code: RecordingErrorCode = "BAD_FIELD",
): void {
  const fault = faultOf(value, fields);
  if (fault !== null) throw new RecordingError(code, line, fault.field, fault.fault);
}

interface Fault {
  readonly field: string | null;
  readonly fault: string;
}

function faultOf(value: unknown, fields: Fields): Fault | null {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { field: null, fault: "must be an object" };
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(fields, name) && !Object.hasOwn(fields, `${name}?`))
      return { field: shown(name), fault: "is no field of it" };
  }
  for (const [key, check] of Object.entries(fields)) {
    const name = key.replace(/\?$/, "");
    const there = Object.hasOwn(value, name);
    if (!there && key === name) return { field: name, fault: "is missing" };
    const fault = there ? check((value as Record<string, unknown>)[name]) : null;
    if (fault !== null) return { field: name, fault };
  }
  return null;
}

/** A name that somebody else chose, so that it can stand in a message. */
function shown(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}

/** What a line of a step holds. */
export type StepLine = Step & { readonly row: number };

/** What a line that begins a row holds. */
export interface RowLine {
  readonly handler: "row";
  readonly row: number;
  readonly role: "client" | "server";
  readonly dialect: string;
  readonly session: string;
  readonly atMs: number;
  readonly belief?: Belief;
  readonly folded?: number;
}
