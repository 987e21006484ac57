export { createDocsServer, type DocsOptions } from "./docs-server.js";
export { isLiterate, type Part, partsOf } from "./parts.js";
