import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { barChart, percentileChart } from "./chart.mjs";
import { toMarkdown } from "./report.mjs";

/** The folder of one run of the benchmark: figures as Markdown and JSON, and a chart for each figure that has one. */
export class Results {
  folder;

  constructor(folder) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Writes what there is so far, so that an interrupted run leaves what it has measured. */
  save({ machine, options, workloads }) {
    const about = Object.entries({ ...machine, options: JSON.stringify(options) }).map(
      ([key, value]) => `- ${key}: ${value}`,
    );
    const reports = workloads.map((report) => ({ ...report, charts: this.#draw(report) }));
    const parts = reports.map((report) => toMarkdown(report, { heading: "##", charts: report.charts }));
    writeFileSync(join(this.folder, "figures.md"), ["# Figures", "", ...about, "", ...parts].join("\n"));
    writeFileSync(join(this.folder, "figures.json"), JSON.stringify({ machine, options, workloads: reports }, null, 2));
  }

  /** Draws the charts of a workload; the names of their files. */
  #draw({ name, title, metrics, summary }) {
    const drawn = [];
    const draw = (file, svg) => {
      writeFileSync(join(this.folder, file), svg);
      drawn.push(file);
    };
    const systems = Object.entries(summary);
    for (const [metric, { label, digits, chart }] of Object.entries(metrics)) {
      if (chart !== "bars") continue;
      const rows = systems.map(([name, figures]) => ({ name, ...figures[metric] }));
      draw(`${name}.svg`, barChart({ title, unit: label, digits, rows }));
    }
    const percentiles = Object.entries(metrics).filter(([, { chart }]) => chart === "percentile");
    if (percentiles.length > 0) {
      const pointsOf = (figures) =>
        percentiles.map(([metric, { label }]) => ({ label: label.split(" ")[0], value: figures[metric].median }));
      const rows = systems.map(([name, figures]) => ({ name, points: pointsOf(figures) }));
      draw(`${name}-percentiles.svg`, percentileChart({ title, unit: "ms", rows }));
    }
    return drawn;
  }
}
