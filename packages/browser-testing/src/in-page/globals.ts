// What tests written for Node find there without an import.

const listeners = new Set<(reason: unknown) => void>();
addEventListener("unhandledrejection", ({ reason }) => {
  for (const listener of listeners) listener(reason);
});

export { PageBuffer as Buffer } from "./page-buffer.js";

export const process = {
  on: (_event: "unhandledRejection", listener: (reason: unknown) => void) => listeners.add(listener),
  off: (_event: "unhandledRejection", listener: (reason: unknown) => void) => listeners.delete(listener),
};

const { port1, port2 } = new MessageChannel();
const waiting: (() => void)[] = [];
port1.onmessage = () => waiting.shift()?.();

export function setImmediate(callback: () => void): void {
  waiting.push(callback);
  port2.postMessage(null);
}

Object.assign(globalThis, { setImmediate });
