import { MockNetwork } from "./mock-network.js";

/** The network of the `WebSocket` that this package exports: with the timers of the platform, and without faults at first. */
export const network = new MockNetwork();

/** A `WebSocket` for code that imports one by name, as from `ws`; it reaches whoever listens on `network`. */
export const WebSocket = network.WebSocket;
