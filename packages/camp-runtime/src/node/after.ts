import type { ClockSource } from "camp-runtime";

/** Calls `action` once, in a later turn and at least `delayMs` from now, unless the returned function is called before. */
export function after(deadlines: ClockSource, delayMs: number, action: () => void): () => void {
  const clock = deadlines.clockFor(() => {
    clock.dispose();
    action();
  });
  clock.wakeAt(clock.now() + delayMs);
  return () => clock.dispose();
}
