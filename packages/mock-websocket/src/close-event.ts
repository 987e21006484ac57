/** The `close` event; Node 20 has none of its own. */
export class MockCloseEvent extends Event {
  readonly code: number;
  readonly reason: string;
  /** Whether there was a closing handshake. */
  readonly wasClean: boolean;

  constructor(code: number, reason: string) {
    super("close");
    this.code = code;
    this.reason = reason;
    this.wasClean = code !== 1006;
  }
}
