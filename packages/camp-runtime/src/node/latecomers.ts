import type { EventEmitter } from "node:events";
import { callListener } from "./emitter.js";

/**
 * For an event that happens once and has happened: a listener that is attached from now on is called on the next turn, until
 * `signal` is aborted.
 */
export function tellLatecomers(emitter: EventEmitter, event: string, signal: AbortSignal): void {
  emitter.on("newListener", (name: string | symbol, listener: unknown) => {
    if (name !== event) return;
    setImmediate(() => {
      // `once` wraps what it was given, and only the wrapper takes it away again. Who has left by now is not found.
      const present = emitter.rawListeners(event);
      const found = present.find((raw) => raw === listener || ("listener" in raw && raw.listener === listener));
      if (found !== undefined && !signal.aborted) callListener(emitter, event, found, []);
    });
  });
}
