import type { ClientResult, MemoryUse, StepResult } from "./channel.js";
import { formatCount, formatMegabytes, formatMs, formatSeconds, quantile } from "./format.js";

/** What the table is made of. */
export interface Report {
  readonly client: ClientResult;
  readonly messages: number;
  readonly serverSha256: string;
  readonly serverMemory: MemoryUse;
}

/** What happened, as a table of plain text. */
export function formatReport({ client, messages, serverSha256, serverMemory }: Report): string {
  const { text, binary, push, pull } = client.steps;
  const rows = [
    ["what", "messages", "bytes", "time", "rate"],
    messageRow("text, echoed", messages, text),
    messageRow("binary, echoed", messages, binary),
    transferRow("push to the server", "1 stream", push),
    transferRow("pull from the server", client.ranges === 1 ? "1 range" : `${formatCount(client.ranges)} ranges`, pull),
  ];
  const facts = [
    ["round trip, idle", formatRoundTrips(client.idleRoundTripsMs)],
    ["round trip, transfers", formatRoundTrips(client.busyRoundTripsMs)],
    ["memory of the server", formatMemory(serverMemory)],
    ["memory of the client", formatMemory(client.memory)],
    ["SHA-256 as made", client.madeSha256],
    ["SHA-256 on the server", serverSha256],
    ["SHA-256 pulled back", client.pulledSha256],
  ];
  const width = Math.max(...facts.map(([name]) => name!.length)) + 2;
  return [...formatTable(rows), "", ...facts.map(([name, fact]) => `  ${name!.padEnd(width)} ${fact}`)].join("\n");
}

/** Columns as wide as their widest cell: the first to the left, the others to the right, a rule below the head. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)));
    return `  ${cells.join("   ")}`;
  });
  return [lines[0]!, `  ${"─".repeat(lines[0]!.length - 2)}`, ...lines.slice(1)];
}

function messageRow(what: string, messages: number, step: StepResult): string[] {
  const rate = `${formatCount((1000 * messages) / step.ms)} /s`;
  return [what, formatCount(messages), formatMegabytes(step.bytes), formatSeconds(step.ms), rate];
}

function transferRow(what: string, count: string, step: StepResult): string[] {
  const rate = `${formatCount(step.bytes / 1000 / step.ms)} MB/s`;
  return [what, count, formatMegabytes(step.bytes), formatSeconds(step.ms), rate];
}

function formatRoundTrips(samples: readonly number[]): string {
  const [median, high, highest] = [0.5, 0.99, 1].map((share) => formatMs(quantile(samples, share)));
  return `${median} median, ${high} at the 99th percentile, ${highest} at most, of ${samples.length} messages`;
}

function formatMemory(use: MemoryUse): string {
  return `${formatMegabytes(use.before)} before the transfers, ${formatMegabytes(use.highest)} at most (RSS)`;
}
