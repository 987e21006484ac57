import { printable } from "state-tree";
import { RecordingError, type RecordingErrorCode } from "./recording-error.js";
import { type Belief, figureNames, type Step, stepKinds } from "./step.js";

/** What is wrong with a value, or null. */
type Check = (value: unknown) => string | null;
/** The fields of an object, made ready once since every line is checked. */
interface Fields {
  readonly checks: ReadonlyMap<string, Check>;
  /** Those that may not be absent. */
  readonly required: readonly string[];
}

/** Names of fields, with a question mark those that may be absent. */
type FieldTable = Readonly<Record<string, Check>>;

function fields(table: FieldTable): Fields {
  const entries = Object.entries(table);
  return {
    checks: new Map(entries.map(([key, check]) => [key.replace(/\?$/, ""), check])),
    required: entries.map(([key]) => key).filter((key) => !key.endsWith("?")),
  };
}

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

const figures: FieldTable = Object.fromEntries(
  figureNames.map((name) => [name, name === "rttMs" ? nullable(number) : count]),
);
const changes = fields(
  Object.fromEntries(
    Object.entries({ state: text, connections: count, ...figures }).map(([name, check]) => [`${name}?`, check]),
  ),
);
const rowName: FieldTable = { row: count, role: oneOf("client", "server"), dialect: text, session: text };
const belief = fields({ ...rowName, state: text, connections: count, steps: count, ...figures });

const part =
  (of: Fields): Check =>
  (value) => {
    const fault = faultOf(value, of);
    return fault === null ? null : [fault.field, fault.fault].filter((each) => each !== null).join(": ");
  };

/** The first line. */
export const headerFields = fields({ recording: count, payloads: flag });
/** The beginning of a row; `belief` and what follows it where older steps were folded. */
export const rowFields = fields({
  ...{ handler: oneOf("row"), ...rowName, atMs: number },
  ...{ "belief?": part(belief), "folded?": count },
});
export const stepFields = fields({
  ...{ row: count, handler: oneOf(...stepKinds), number: count, atMs: number },
  ...{ "direction?": oneOf("in", "out"), "frame?": text, "bytes?": count, "hex?": hex },
  ...{ "event?": text, "code?": count, "reason?": text, "changed?": part(changes) },
});

/** @throws {RecordingError} `BAD_FIELD` for a value that does not have these fields */
export function expectFields(
  value: unknown,
  expected: Fields,
  line: number,
  code: RecordingErrorCode = "BAD_FIELD",
): void {
  const fault = faultOf(value, expected);
  if (fault !== null) throw new RecordingError(code, line, fault.field, fault.fault);
}

interface Fault {
  readonly field: string | null;
  readonly fault: string;
}

function faultOf(value: unknown, { checks, required }: Fields): Fault | null {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { field: null, fault: "must be an object" };
  for (const [name, part] of Object.entries(value)) {
    const check = checks.get(name);
    const fault = check === undefined ? "is no field of it" : check(part);
    if (fault !== null) return { field: check === undefined ? shown(name) : name, fault };
  }
  const missing = required.find((name) => !Object.hasOwn(value, name));
  return missing === undefined ? null : { field: missing, fault: "is missing" };
}

/** A name that somebody else chose, so that it can stand in a message. */
function shown(name: string): string {
  return printable(JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name));
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
