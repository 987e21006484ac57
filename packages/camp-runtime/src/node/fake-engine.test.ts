import assert from "node:assert/strict";
import type { Engine } from "./dialect.js";

/** An engine that only says what it is told to. Shared by the tests of this folder; contains none itself. */
export class FakeEngine implements Engine {
  state: Engine["state"] = "open";
  probes = 0;
  stats = { openStreams: 0, unackedFrames: 0, queuedFrames: 0 } as Engine["stats"];
  readonly closes: string[] = [];
  readonly failures: string[] = [];
  aliveMarks = { receivedBytes: 100, flushedBytes: 100, bufferedBytes: 0 };
  heldBytes = 0;

  /** A PING is handed over, and the system takes it even if the peer is gone. */
  probe(): void {
    this.probes += 1;
    this.change({ flushedBytes: 17 });
  }

  fail(code: number, reason: string): void {
    this.failures.push(`${code} ${reason}`);
  }

  async close(reason: string, code?: number): Promise<void> {
    this.closes.push(`${code} ${reason}`);
  }

  cutOff(reason: string): void {
    this.failures.push(reason);
  }

  /** Adds to the marks. */
  change(by: Partial<FakeEngine["aliveMarks"]>): void {
    const { receivedBytes, flushedBytes, bufferedBytes } = this.aliveMarks;
    this.aliveMarks = {
      receivedBytes: receivedBytes + (by.receivedBytes ?? 0),
      flushedBytes: flushedBytes + (by.flushedBytes ?? 0),
      bufferedBytes: bufferedBytes + (by.bufferedBytes ?? 0),
    };
  }
}

/** What a running session is besides whose clients cannot come back. */
export const endsWithItsConnection = {
  claimable: false,
  claim: () => assert.fail("nobody may claim a session that ends with its connection"),
};
