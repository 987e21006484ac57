import type { TimerHost, TurnHost } from "camp-runtime";

/** The page's timers. */
export const webTimers: TimerHost = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as number),
};

/**
 * The page's timers and turns. A turn is a message to oneself: `setTimeout` waits 4 ms where it is used in a row, and a whole
 * second in a tab that nobody looks at.
 */
export class WebTurns implements TurnHost {
  readonly now = webTimers.now;
  readonly setTimeout = webTimers.setTimeout;
  readonly clearTimeout = webTimers.clearTimeout;
  readonly #waiting: (() => void)[] = [];
  readonly #port: MessagePort;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => this.#waiting.shift()?.();
    this.#port = port2;
  }

  defer(callback: () => void): void {
    this.#waiting.push(callback);
    this.#port.postMessage(null);
  }
}

let turns: WebTurns | null = null;

/** The turns of this page, made for its first session: a module that is only imported does nothing. */
export function pageTurns(): WebTurns {
  turns ??= new WebTurns();
  return turns;
}
