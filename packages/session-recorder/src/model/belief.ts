import {
  type Belief,
  type Changes,
  type FigureName,
  type Figures,
  figureNames,
  type RowHead,
  type Step,
} from "./step.js";

const nothing = Object.fromEntries(figureNames.map((name) => [name, name === "rttMs" ? null : 0])) as Figures;

/** The reducer of the tree: what an end believes after a step, or as its row begins. */
export function believe(before: unknown, value: unknown): Belief {
  const added = value as RowHead | Step;
  if (added.handler === "row") {
    const { row, role, dialect, session } = added;
    return { row, role, dialect, session, state: "idle", connections: 0, steps: 0, ...nothing };
  }
  const belief = before as Belief;
  return { ...belief, ...added.changed, steps: belief.steps + 1 };
}

/** How an end is seen while it lives. */
export interface Sight {
  readonly state: string;
  readonly stats: Readonly<Partial<Record<FigureName, number | null>>>;
}

/** What is different now from what was believed; undefined if nothing is. */
export function changesOf(belief: Belief, { state, stats }: Sight, connections: number): Changes | undefined {
  const now: Record<string, unknown> = { state, connections };
  for (const name of figureNames) now[name] = hundredths(stats[name] ?? nothing[name]);
  const changed = Object.entries(now).filter(([name, value]) => value !== belief[name as keyof Belief]);
  return changed.length === 0 ? undefined : (Object.fromEntries(changed) as Changes);
}

/** Times are kept no finer than that: what is below is noise, and only makes recordings longer. */
export function hundredths<T extends number | null>(value: T): T {
  return (value === null ? null : Math.round(value * 100) / 100) as T;
}
