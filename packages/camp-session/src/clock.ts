/** The time that a session lives by; every test passes in one of its own. */
export interface Clock {
  /** Milliseconds on a scale that never runs backwards; fractions count. */
  now(): number;
  /**
   * Asks for one `tick()` at `timeMs` or as soon after it as possible, always in a later turn of the event loop, also when
   * `timeMs` has passed. Replaces the deadline asked for before; `Infinity` asks for none.
   */
  wakeAt(timeMs: number): void;
}
