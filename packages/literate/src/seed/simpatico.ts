// What a page gets for `./simpatico.js`.

import { MockWebSocket } from "mock-websocket";

export { h, stree } from "state-tree";
export { renderStree, svg } from "state-tree-view";

// A global that a page may replace by its own.
(globalThis as { MockWebSocket?: unknown }).MockWebSocket ??= MockWebSocket;
