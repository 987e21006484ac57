export { createImportMap, type ImportMap, repositoryRoot } from "./import-map.js";
export { sendFile } from "./send-file.js";
