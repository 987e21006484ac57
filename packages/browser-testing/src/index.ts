export { gzippedBytes } from "./bundle-size.js";
export { type ChromiumSearch, findChromium, NoChromiumError } from "./chromium.js";
export { createImportMap, type ImportMap } from "./import-map.js";
export { launchChromium } from "./launch.js";
export { type OpenPageOptions, openPage } from "./open-page.js";
export { type Page, type PageServer, servePages } from "./page-server.js";
export { runTestsInPage } from "./run-in-page.js";
