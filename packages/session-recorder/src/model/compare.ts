import type { RecordedStep } from "./recorder.js";
import type { Recorded } from "./recording.js";
import { type FigureName, figureNames, type Step } from "./step.js";

/** Where two rows part. */
export interface Difference {
  /** The place in both rows, from 0. */
  readonly index: number;
  /** What is different: a field of the step, a figure of the belief, or "end" where one row has no such step. */
  readonly field: string;
  readonly left: RecordedStep | null;
  readonly right: RecordedStep | null;
  /** The same in one line. */
  readonly text: string;
}

/** What is compared beside what happened. */
export interface CompareOptions {
  /** Whether the times count. False by default. */
  readonly times?: boolean;
  /** Whether what the ends believed counts, round-trip times apart. True by default. */
  readonly beliefs?: boolean;
}

const stepFields = ["handler", "direction", "frame", "bytes", "event", "code", "reason"] as const;
const beliefFields: readonly (FigureName | "state" | "connections")[] = [
  ...(["state", "connections"] as const),
  ...figureNames.filter((name) => name !== "rttMs"),
];

/** Two rows, step by step; null if there is no difference. Payloads count where both have them. */
export function compareRows(
  left: readonly RecordedStep[],
  right: readonly RecordedStep[],
  options: CompareOptions = {},
): Difference | null {
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [one, other] = [left[index] ?? null, right[index] ?? null];
    const field = one === null || other === null ? "end" : fieldThatDiffers(one, other, options);
    if (field !== null) {
      return {
        index,
        field,
        left: one,
        right: other,
        text: `step ${index}: ${shown(one, field)} / ${shown(other, field)}`,
      };
    }
  }
  return null;
}

/** Two recordings, row by row; the first difference of each row that has one. A row that only one of them has differs at its first step. */
export function compareRecordings(
  left: Recorded,
  right: Recorded,
  options?: CompareOptions,
): ReadonlyMap<number, Difference> {
  const rows = [...new Set([...left.rows.keys(), ...right.rows.keys()])].sort((a, b) => a - b);
  const differences = rows.map((row) => [row, compareRows(left.steps(row), right.steps(row), options)] as const);
  return new Map(differences.filter((entry): entry is readonly [number, Difference] => entry[1] !== null));
}

function fieldThatDiffers(
  left: RecordedStep,
  right: RecordedStep,
  { times = false, beliefs = true }: CompareOptions,
): string | null {
  for (const field of stepFields) if (left.step[field] !== right.step[field]) return field;
  const { hex } = left.step;
  if (hex !== undefined && right.step.hex !== undefined && hex !== right.step.hex) return "hex";
  if (times && left.step.atMs !== right.step.atMs) return "atMs";
  return (beliefs && beliefFields.find((field) => left.belief[field] !== right.belief[field])) || null;
}

function shown(recorded: RecordedStep | null, field: string): string {
  if (recorded === null) return "nothing";
  const { step, belief } = recorded;
  const what = step.frame === undefined ? `${step.event} ${step.code ?? ""}`.trim() : `${step.direction} ${step.frame}`;
  if (Object.hasOwn(belief, field)) return `${what} with ${field} ${belief[field as FigureName]}`;
  if (field === "atMs") return `${what} at ${step.atMs} ms`;
  return field === "reason" || field === "hex" ? `${what} with another ${field}` : what;
}

/** Whether two steps tell the same of what happened, whenever that was. */
export function isSameStep(left: Step, right: Step): boolean {
  return stepFields.every((field) => left[field] === right[field]);
}
