import {
  encodeBase64url,
  MessengerError,
  registrationMs,
  type ServerMessage,
  type WithReq,
} from "../protocol/index.js";
import { changeOf } from "./changes.js";
import { Delivery } from "./delivery.js";
import { Registrar } from "./registrar.js";
import type { Relay } from "./relay.js";
import type { RelaySession } from "./world.js";

/** The close codes of the messenger; none of them is retried by a client. */
export const refusedCode = 4403;
export const replacedCode = 4409;

type State =
  | { readonly at: "opening" }
  | { readonly at: "challenged"; readonly registrar: Registrar }
  | { readonly at: "checking" }
  | { readonly at: "registered"; readonly fingerprint: string; readonly delivery: Delivery }
  | { readonly at: "closed" };

/** One client's connection: a challenge, a response, and then whatever is registered says. */
export class Connection {
  readonly session: RelaySession;
  readonly #relay: Relay;
  readonly #address: string;
  readonly #row: string;
  #state: State = { at: "opening" };
  #stopDeadline: () => void;

  constructor(relay: Relay, session: RelaySession, address: string) {
    this.session = session;
    this.#relay = relay;
    this.#address = address;
    this.#row = relay.nextRow();
    this.#stopDeadline = relay.world.clock.after(registrationMs, () => this.#refuse());
    session.on("connected", () => void this.#challenge());
    session.on("message-utf8", (text) => void this.#received(text));
    session.on("message-binary", () => this.#onlyRegistered());
    session.on("stream-waiting", (name, size) => this.#stream(name, size));
    session.on("closed", () => this.#closed());
  }

  /** Who is at the other end, or null before registration and after the end. */
  get fingerprint(): string | null {
    return this.#state.at === "registered" ? this.#state.fingerprint : null;
  }

  get delivery(): Delivery | null {
    return this.#state.at === "registered" ? this.#state.delivery : null;
  }

  /** A change of its state, or of what is said on it. */
  record(change: Readonly<Record<string, unknown>>): void {
    this.#relay.world.record(this.#row, change);
  }

  send(message: WithReq<ServerMessage>): void {
    const change = changeOf(message);
    if (change !== null) this.record(change);
    // A session that ends takes what it did not send with it; who asked asks again on the next one.
    this.session.base.SendUTF8(JSON.stringify(message)).catch(() => {});
  }

  close(code: number, reason: string): void {
    this.#closed({ code, reason });
    this.session.Close(reason, { code }).catch(() => {});
  }

  async #challenge(): Promise<void> {
    const { world, serverKeys } = this.#relay;
    const registrar = await Registrar.create(serverKeys, world.random, world.clock.now());
    if (this.#state.at !== "opening") return;
    this.#state = { at: "challenged", registrar };
    this.send(registrar.challenge);
  }

  async #received(text: string): Promise<void> {
    const state = this.#state;
    if (state.at === "registered") this.#relay.received(this, state.fingerprint, text);
    else if (state.at === "challenged") await this.#register(state.registrar, text);
    else if (state.at !== "closed") this.#refuse();
  }

  async #register(registrar: Registrar, text: string): Promise<void> {
    const { world, refusals, origins, store } = this.#relay;
    this.#state = { at: "checking" };
    if (refusals.isExhausted(this.#address, world.clock.monotonicMs())) return this.#refuse();
    try {
      const { fingerprint, publicKey, skewMs } = await registrar.check(text, (origin) =>
        origins.admits(origin, this.session.remoteAddress ?? ""),
      );
      await store.saveIdentity(fingerprint, encodeBase64url(publicKey.bytes));
      const queued = await store.count(fingerprint);
      if (this.#state.at !== "checking") return;
      this.#stopDeadline();
      const delivery = new Delivery(this, fingerprint, store, (error) => this.#relay.failed(error));
      this.#state = { at: "registered", fingerprint, delivery };
      this.#relay.joined(this, fingerprint);
      this.send({ type: "registered", registered: true, publicKeySig: fingerprint, skewMs, queued });
      delivery.wake();
    } catch (error) {
      if (error instanceof MessengerError && error.code !== "STORE") {
        refusals.count(this.#address, world.clock.monotonicMs());
        return this.#refuse();
      }
      this.#relay.failed(error);
      // Not the client's fault: a code that lets it try again.
      this.close(4100, "cannot register now");
    }
  }

  #stream(name: string, size: bigint | null): void {
    if (this.#onlyRegistered()) void this.#relay.file(this, name, size);
  }

  #onlyRegistered(): boolean {
    if (this.#state.at === "registered") return true;
    if (this.#state.at !== "closed") this.#refuse();
    return false;
  }

  /** One code and one text for every failure: nobody learns which check it was. */
  #refuse(): void {
    if (this.#state.at !== "closed") this.close(refusedCode, "registration refused");
  }

  #closed(why: { readonly code?: number; readonly reason?: string } = {}): void {
    if (this.#state.at === "closed") return;
    const { fingerprint } = this;
    this.#stopDeadline();
    this.#state = { at: "closed" };
    this.record({ state: "closed", ...why });
    if (fingerprint !== null) this.#relay.left(this, fingerprint);
  }
}
