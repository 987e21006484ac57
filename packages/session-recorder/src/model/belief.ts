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
  let changed: Record<string, unknown> | undefined;
  if (state !== belief.state) changed = { state };
  if (connections !== belief.connections) changed = { ...changed, connections };
  // For every step: nothing is made but what has changed.
  for (const name of figureNames) {
    const now = name === "rttMs" ? hundredths(stats.rttMs ?? null) : (stats[name] ?? 0);
    if (now === belief[name]) continue;
    changed ??= {};
    changed[name] = now;
  }
  return changed as Changes | undefined;
}

/** Times are kept no finer than that: what is below is noise, and only makes recordings longer. */
export function hundredths<T extends number | null>(value: T): T {
  return (value === null ? null : Math.round(value * 100) / 100) as T;
}
