// Charts as SVG, without a library: a handful of rectangles and lines that read well on light and on dark pages.

const width = 800;
const labelWidth = 290;
const valueWidth = 130;
const plotWidth = width - labelWidth - valueWidth;
const rowHeight = 26;
const headHeight = 40;
const footHeight = 34;

const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 } .quiet { fill: #656d76; font-size: 11px } .end { text-anchor: end } .middle { text-anchor: middle }
  .bar { fill: #afb8c1 } .ours { fill: #0969da } .spread, .range { stroke: #1f2328; stroke-width: 1.5 } .grid { stroke: #d0d7de }
  .range { stroke: #afb8c1; stroke-width: 3 } .range.ours { stroke: #54aeff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #8d96a0 } .bar { fill: #57606a } .ours { fill: #4493f8 } .grid { stroke: #30363d }
    .spread { stroke: #e6edf3 } .range { stroke: #57606a } .range.ours { stroke: #1f6feb }
  }`;

/**
 * One bar for each system, as long as its median, with a line from the smallest to the largest run.
 *
 * @param {{title: string, unit: string, digits: number, rows: {name: string, median: number, min: number, max: number}[]}} chart
 */
export function barChart({ title, unit, digits, rows }) {
  const top = Math.max(...rows.map(({ max }) => max)) || 1;
  const x = (value) => labelWidth + (Math.max(0, value) / top) * plotWidth;
  const drawn = rows.map(({ name, median, min, max }, index) => {
    const y = headHeight + index * rowHeight;
    const middle = y + rowHeight / 2;
    return [
      label(name, middle),
      `<rect class="bar${oursOf(name)}" x="${labelWidth}" y="${y + 4}" width="${fixed(x(median) - labelWidth)}" height="${rowHeight - 8}"/>`,
      `<path class="spread" d="M${fixed(x(min))} ${middle}H${fixed(x(max))}M${fixed(x(min))} ${middle - 4}v8M${fixed(x(max))} ${middle - 4}v8"/>`,
      `<text x="${width - valueWidth + 8}" y="${middle + 4}">${grouped(median, digits)}</text>`,
    ].join("");
  });
  return svg(
    `${title}: ${unit}`,
    drawn,
    rows.length,
    "bar: median of the runs; line: from the smallest to the largest",
  );
}

/**
 * For each system its percentiles on a logarithmic axis, joined by a line.
 *
 * @param {{title: string, unit: string, rows: {name: string, points: {label: string, value: number}[]}[]}} chart
 */
export function percentileChart({ title, unit, rows }) {
  const values = rows.flatMap(({ points }) => points.map(({ value }) => value)).filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const x = (value) => labelWidth + ((Math.log10(value) - low) / (high - low)) * plotWidth;
  const bottom = headHeight + rows.length * rowHeight;
  const decades = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  const grid = decades.map(
    (decade) =>
      `<path class="grid" d="M${fixed(x(decade))} ${headHeight}V${bottom}"/><text class="quiet middle" x="${fixed(x(decade))}" y="${bottom + 14}">${decade} ${unit}</text>`,
  );
  const drawn = rows.map(({ name, points }, index) => {
    const middle = headHeight + index * rowHeight + rowHeight / 2;
    const shown = points.filter(({ value }) => value > 0);
    const ends = [shown[0], shown.at(-1)].map(({ value }) => fixed(x(value)));
    const dots = shown.map(
      ({ value }, at) =>
        `<circle class="bar${oursOf(name)}" cx="${fixed(x(value))}" cy="${middle}" r="${6 - at * 1.5}"/>`,
    );
    const text = shown.map(({ value }) => significant(value)).join(" / ");
    return [
      label(name, middle),
      `<path class="range${oursOf(name)}" d="M${ends[0]} ${middle}H${ends[1]}"/>`,
      ...dots,
      `<text x="${width - valueWidth + 8}" y="${middle + 4}">${text}</text>`,
    ].join("");
  });
  const labels = rows[0].points.map(({ label }) => label).join(", ");
  return svg(title, [...grid, ...drawn], rows.length, `dots, from large to small: ${labels}; logarithmic axis`, 16);
}

function svg(title, parts, rows, note, extraHeight = 0) {
  const height = headHeight + rows * rowHeight + footHeight + extraHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}\n</style>`,
    `<text class="title" x="0" y="22">${escaped(title)}</text>`,
    ...parts,
    `<text class="quiet" x="0" y="${height - 8}">${escaped(note)}</text>`,
    "</svg>",
    "",
  ].join("\n");
}

function label(name, middle) {
  return `<text class="end" x="${labelWidth - 10}" y="${middle + 4}">${escaped(name)}</text>`;
}

function oursOf(name) {
  return /^(?:camp|cryo)\b/.test(name) ? " ours" : "";
}

function fixed(value) {
  return value.toFixed(1);
}

function grouped(value, digits) {
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function significant(value) {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3, useGrouping: false });
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
