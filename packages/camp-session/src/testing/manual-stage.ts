import { type CampFrame, encode } from "camp-protocol";
import { VirtualTime } from "mock-websocket/network";
import { ManualTransport } from "./manual-transport.js";
import { frames, ownFeatures } from "./stage.js";
import { TestEnd, type TestEndOptions } from "./test-end.js";

const host = globalThis as unknown as { setImmediate(run: () => void): void };

/** One session of ours on a transport that does nothing by itself: every byte leaves and arrives when the test says so. */
export class ManualStage {
  readonly time = new VirtualTime(() => new Promise((resolve) => host.setImmediate(resolve)));
  readonly end: TestEnd;
  transport = new ManualTransport();

  constructor(options: TestEndOptions & { readonly features?: bigint } = {}) {
    this.end = new TestEnd(this.time, options);
    this.attach(options.features);
  }

  get session(): TestEnd["session"] {
    return this.end.session;
  }

  /** A fresh connection whose handshake is over. */
  attach(features: bigint = ownFeatures): void {
    this.transport = new ManualTransport();
    this.session.attach(this.transport);
    this.give(frames.info(0, features), frames.ack(0));
    this.flush();
    this.taken();
  }

  /** Frames arrive, at once. */
  give(...given: readonly CampFrame[]): void {
    for (const frame of given) {
      const bytes = encode(frame);
      this.transport.receivedBytes += bytes.byteLength;
      this.session.received(bytes);
    }
  }

  /** All that is buffered, or `bytes` of it, leaves the transport, and the session is told. */
  flush(bytes?: number): void {
    this.transport.flush(bytes);
    this.session.writable();
  }

  /** The frames that the session sent since the last call. */
  taken(): CampFrame[] {
    return this.transport.taken();
  }

  /** Lets `ms` pass. */
  pass(ms = 0): Promise<void> {
    return this.time.advance(ms);
  }
}
