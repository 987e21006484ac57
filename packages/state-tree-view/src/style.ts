/** Follows the colour scheme of the page that it stands in; `--stree-height` is how high a picture may become. */
const css = `
.stree {
  --stree-ground: light-dark(#fbfcfd, #161b22);
  --stree-ink: light-dark(#1b2430, #e8ecf2);
  --stree-soft: light-dark(#5b6675, #a2adbb);
  --stree-line: light-dark(#c5ccd6, #465261);
  border: 1px solid var(--stree-line);
  border-radius: 6px;
  background: var(--stree-ground);
  color: var(--stree-ink);
  font: 13px/1.4 system-ui, sans-serif;
  overflow: hidden;
}
.stree-bar {
  display: flex;
  flex-wrap: wrap;
  gap: 6px 10px;
  align-items: center;
  padding: 8px;
  border-bottom: 1px solid var(--stree-line);
}
.stree-bar input[type="search"] { flex: 1 1 8em; min-width: 0; max-width: 20em; }
.stree-bar input[type="range"] { width: clamp(6em, 20vw, 14em); vertical-align: middle; }
.stree-bar input[type="checkbox"] { vertical-align: middle; }
.stree-bar output { color: var(--stree-soft); font-variant-numeric: tabular-nums; }
.stree input[type="search"], .stree button {
  font: inherit;
  color: inherit;
  background: light-dark(#fff, #212833);
  border: 1px solid var(--stree-line);
  border-radius: 4px;
  padding: 2px 8px;
  min-height: 28px;
}
.stree button { cursor: pointer; }
.stree-scroll { display: flex; overflow: auto; max-height: var(--stree-height, 26rem); overscroll-behavior-x: contain; }
.stree-scroll:has(.stree-picture:focus-visible) { outline: 2px solid light-dark(#0b62d6, #7db3ff); outline-offset: -2px; }
.stree-rows { position: sticky; left: 0; z-index: 1; flex: none; width: 58px; background: var(--stree-ground); border-right: 1px solid var(--stree-line); }
.stree .stree-rows button { position: absolute; left: 4px; width: 50px; min-height: 0; padding: 0 2px; overflow: hidden; white-space: nowrap; font-variant-numeric: tabular-nums; }
.stree-picture { flex: none; display: block; outline: none; font: 12px ui-monospace, Menlo, Consolas, monospace; }
.stree-links { fill: none; stroke: var(--stree-line); stroke-width: 1.5; }
.stree-node { cursor: pointer; overflow: hidden; }
.stree-node rect {
  fill: light-dark(hsl(var(--hue) 70% 94%), hsl(var(--hue) 32% 19%));
  stroke: light-dark(hsl(var(--hue) 45% 58%), hsl(var(--hue) 40% 46%));
}
.stree-node text { fill: var(--stree-ink); white-space: pre; }
.stree-node .stree-kind { font: 600 12px system-ui, sans-serif; }
.stree-node .stree-text { font-size: 10.5px; }
.stree-node .stree-index { font-size: 10px; text-anchor: end; fill: var(--stree-soft); }
.stree-node:hover rect { stroke-width: 2; }
.stree-node[aria-selected="true"] rect { stroke: light-dark(#0b62d6, #7db3ff); stroke-width: 3; }
.stree-other { opacity: 0.35; }
.stree-notes { fill: var(--stree-soft); font: 12px system-ui, sans-serif; }
.stree-detail { display: flex; flex-wrap: wrap; gap: 8px 16px; padding: 8px; border-top: 1px solid var(--stree-line); }
.stree-detail[hidden] { display: none; }
.stree-detail p { flex: 1 0 100%; margin: 0; font-weight: 600; }
.stree-detail figure { flex: 1 1 14em; margin: 0; min-width: 0; }
.stree-detail figure:last-child { flex-grow: 2; }
.stree-detail figcaption { color: var(--stree-soft); }
.stree-detail pre { margin: 0; max-height: 16em; overflow: auto; padding: 0; background: none; color: inherit; font: 12px/1.45 ui-monospace, Menlo, Consolas, monospace; }
`;

const styled = new WeakSet<Document>();

/** Once a page. Not a style element: a page may forbid those. */
export function addStyle(document: Document): void {
  if (styled.has(document)) return;
  styled.add(document);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
}
