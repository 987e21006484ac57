import { median, spread } from "./stats.mjs";

/** Median and spread of every figure of every system. */
export function summarize(workload, runs) {
  return Object.fromEntries(
    Object.entries(runs).map(([system, results]) => [
      system,
      Object.fromEntries(
        Object.keys(workload.metrics).map((metric) => [metric, spread(results.map((result) => result[metric] ?? 0))]),
      ),
    ]),
  );
}

/**
 * What became of the goals. A ratio is taken round by round, between runs that lay close together in time, and against that
 * of the systems named which did best.
 */
export function judge(workload, runs) {
  return workload.goals.map((asked) => {
    const goal = { ...asked, over: best(asked, runs) };
    const values = runs[goal.of].map((result, round) => figureFor(goal, result, round, runs));
    const value = median(values);
    const reached = goal.atLeast === undefined ? value <= goal.atMost : value >= goal.atLeast;
    return { ...goal, text: textOf(workload, goal), ...spread(values), reached };
  });
}

function best({ metric, over }, runs) {
  const medianOf = (system) => median(runs[system].map((result) => result[metric]));
  return over?.reduce((one, other) => (medianOf(other) > medianOf(one) ? other : one));
}

function figureFor({ metric, over, above, against }, result, round, runs) {
  if (against !== undefined) return result[metric] / against.of((system) => runs[system][round]);
  if (over !== undefined) return result[metric] / runs[over][round][metric];
  if (above !== undefined) return result[metric] - runs[above][round][metric];
  return result[metric];
}

function textOf({ metrics }, { metric, of, over, above, against, atLeast, atMost }) {
  const { label } = metrics[metric];
  const limit = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  if (against !== undefined) return `${of}: ${limit} × ${against.name}`;
  if (over !== undefined) return `${of}: ${limit} × the ${label} of ${over}`;
  if (above !== undefined) return `${of}: ${label} ${limit} above ${above}`;
  return `${of}: ${label} ${limit}`;
}

/** One workload as Markdown, with its charts between title and table. */
export function toMarkdown({ title, about, rounds, metrics, summary, goals }, { heading, charts }) {
  const columns = Object.entries(metrics);
  const table = [
    ["", ...columns.map(([, { label }]) => label)],
    ["---", ...columns.map(() => "---:")],
    ...Object.entries(summary).map(([system, figures]) => [
      system,
      ...columns.map(([metric, { digits }]) => inWords(figures[metric], digits)),
    ]),
  ];
  const verdicts = goals.map(
    (goal) => `- ${goal.reached ? "reached" : "**missed**"}: ${goal.text}: ${inWords(goal, 2)}`,
  );
  const runs = rounds === 1 ? "One run." : `Median of ${rounds} runs (smallest … largest).`;
  return [
    `${heading} ${title}`,
    ...charts.map((file) => `![${title}](${file})`),
    about === undefined ? runs : `${about} ${runs}`,
    table.map((row) => `| ${row.join(" | ")} |`).join("\n"),
    ...(goals.length > 0 ? ["What was aimed at:", verdicts.join("\n")] : []),
    "",
  ].join("\n\n");
}

/** The same for a terminal. */
export function toText({ title, metrics, summary, goals }) {
  const columns = Object.entries(metrics);
  const rows = [
    ["", ...columns.map(([, { label }]) => label)],
    ...Object.entries(summary).map(([system, figures]) => [
      system,
      ...columns.map(([metric, { digits }]) => inWords(figures[metric], digits)),
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join("  "),
  );
  const verdicts = goals.map(
    (goal) => `${goal.reached ? "  reached " : "  MISSED  "} ${goal.text}: ${inWords(goal, 2)}`,
  );
  return [title, ...lines, ...verdicts, ""].join("\n");
}

function inWords({ median, min, max }, digits) {
  const text = (value) => grouped(value, digits);
  return min === max ? text(median) : `${text(median)} (${text(min)} … ${text(max)})`;
}

/** With blanks between the thousands, which no language takes for a decimal point. */
function grouped(value, digits) {
  const limits = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString("en-US", limits).replaceAll(",", " ");
}
