/** The platform's time: everything here that waits is given one, and tests pass in one of their own. */
export interface TimerHost {
  /** Milliseconds on a scale that never runs backwards; fractions count. */
  now(): number;
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** A {@link TimerHost} that can also wait for nothing but the next turn of the event loop. */
export interface TurnHost extends TimerHost {
  /** Runs `callback` in a later turn, after what the platform has ready by then. */
  defer(callback: () => void): void;
}

/** The longest delay that platforms take; a longer one would fire at once. */
export const delayMsMax = 2 ** 31 - 1;

/** Resolves after `delayMs`; rejects with the reason of `signal` as soon as that is aborted. */
export function delay(delayMs: number, timers: TimerHost, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const handle = timers.setTimeout(() => {
      signal.removeEventListener("abort", aborted);
      resolve();
    }, delayMs);
    const aborted = () => {
      timers.clearTimeout(handle);
      reject(signal.reason);
    };
    signal.addEventListener("abort", aborted, { once: true });
  });
}
