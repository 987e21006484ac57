import { type CryoFrame, decode, encode } from "cryo-protocol";
import { type TestCipher, TestKeyPair, testCrypto } from "./node-cale.test.js";
import {
  CryoEnd,
  type CryoEndOptions,
  CryoStage,
  type CryoStageOptions,
  calmNetwork,
  cryoFrames,
  type NetworkConditions,
  SimulatedEnd,
  VirtualTime,
} from "./testing/index.js";

// Stages for the tests of CALE: a session of ours against a peer made by hand, and two sessions of ours.

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

type Role = "client" | "server";

/** One encrypting session of ours; what the other end says, and under which counter, is up to the test. */
export class CaleStage extends CryoStage {
  pair = new TestKeyPair();
  cipher!: TestCipher;
  /** The counter of the next record of the peer. */
  counter = 0;
  readonly role: Role;

  constructor(role: Role, options: CryoStageOptions = {}) {
    super({ cale: { crypto: testCrypto }, ...options, role });
    this.role = role;
  }

  /** A stage whose session is secure; frames until then are taken. */
  static async secure(role: Role, options: CryoStageOptions = {}): Promise<CaleStage> {
    const stage = new CaleStage(role, options);
    await stage.shakeHands();
    return stage;
  }

  /** The handshake on the current connection. The peer's numbers are as given. */
  async shakeHands(hello = 0): Promise<void> {
    this.pair = new TestKeyPair();
    this.counter = 0;
    if (this.role === "client") this.peer.send(cryoFrames.serverHello(hello, this.pair.publicKey));
    await this.pass();
    const ours = this.peer.taken()[0];
    if (ours?.type !== "client_hello" && ours?.type !== "server_hello") throw new Error("no hello came");
    this.cipher = this.pair.derive(ours.payload, this.role === "client" ? "server" : "client");
    if (this.role === "server") this.peer.send(cryoFrames.clientHello(hello, this.pair.publicKey));
    this.peer.send(cryoFrames.done(this.role === "client" ? ours.ack : hello));
    await this.pass();
    const done = this.peer.takenBytes()[0];
    if (done === undefined || decode(done).type !== "handshake_done") throw new Error("no HANDSHAKE_DONE came");
  }

  /** The record of a frame, by default under the next counter. */
  record(frame: CryoFrame | Uint8Array, counter = this.counter++): Uint8Array {
    return this.cipher.seal(counter, frame instanceof Uint8Array ? frame : encode(frame));
  }

  sendSealed(...frames: readonly CryoFrame[]): void {
    this.peer.sendBytes(...frames.map((frame) => this.record(frame)));
  }

  /** What came in records since the last call. */
  opened(): CryoFrame[] {
    return this.peer.takenBytes().map((record) => decode(this.cipher.open(record)));
  }
}

/** A client and a server of ours. */
export class CalePair {
  readonly time = new VirtualTime(settle);
  readonly conditions: NetworkConditions = { ...calmNetwork };
  readonly client: CryoEnd;
  server: CryoEnd;
  readonly #serverOptions: CryoEndOptions;
  near!: SimulatedEnd;
  far!: SimulatedEnd;

  constructor(client: CryoEndOptions = {}, server: CryoEndOptions = {}) {
    const cale = { crypto: testCrypto };
    this.#serverOptions = { cale, ...server, role: "server" };
    this.client = new CryoEnd(this.time, { cale, ...client, role: "client" });
    this.server = new CryoEnd(this.time, this.#serverOptions);
  }

  /** Connects the client to the server, or to a new one that came in its place. */
  connect(fresh = false): this {
    if (fresh) this.server = new CryoEnd(this.time, this.#serverOptions);
    [this.near, this.far] = SimulatedEnd.pair(this.time, this.conditions);
    this.server.attach(this.far);
    this.client.attach(this.near);
    return this;
  }
}

/** Whether any of the messages holds the text in the clear. */
export function holds(messages: readonly Uint8Array[], text: string): boolean {
  return messages.some((bytes) => Buffer.from(bytes).includes(text));
}
