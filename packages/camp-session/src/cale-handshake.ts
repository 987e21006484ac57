import { type CaleRole, type CryoFrame, caleBindingInput, isCalePublicKey } from "cryo-protocol";
import { attempt, type CaleCipher, type CaleCrypto, type CaleKeyPair } from "./cale-crypto.js";
import { CloseCode } from "./close-codes.js";

/** What a handshake comes to. */
export interface CaleSecrets {
  readonly cipher: CaleCipher;
  /** The same 32 bytes on both ends unless somebody stands between them. */
  readonly channelBinding: Uint8Array;
}

/** The close codes of a handshake that failed. */
export type CaleRefusal = typeof CloseCode.caleDisagreement | typeof CloseCode.caleFailed;

/** What a handshake does to its connection. */
export interface HandshakeWorld {
  /** Sends this end's hello; returns its number. */
  sendHello(publicKey: Uint8Array): number;
  sendDone(number: number): void;
  /** From now on every message is a record, in both directions. */
  secured(secrets: CaleSecrets): void;
  refused(code: CaleRefusal): void;
  /** A step of the platform is over: the next frame may come. */
  ready(): void;
}

type State =
  /** The platform works; frames wait. */
  | { readonly at: "busy" }
  /** The peer's hello comes next. A client makes its keys only then. */
  | { readonly at: "hello"; readonly pair: CaleKeyPair | null }
  /** HANDSHAKE_DONE with this number, that of the CLIENT_HELLO, comes next. */
  | { readonly at: "done"; readonly number: number; readonly secrets: CaleSecrets }
  | { readonly at: "over" };

/**
 * The handshake of CALE v1 on one connection (cryo-v1.md sections 3 and 4): SERVER_HELLO, CLIENT_HELLO, HANDSHAKE_DONE of the
 * server, HANDSHAKE_DONE of the client. One of each, in this order, or the connection ends. It must not be given frames
 * while it is `busy`.
 */
export class CaleHandshake {
  readonly #role: CaleRole;
  readonly #crypto: CaleCrypto;
  readonly #world: HandshakeWorld;
  #state: State = { at: "busy" };

  constructor(role: CaleRole, crypto: CaleCrypto, world: HandshakeWorld) {
    this.#role = role;
    this.#crypto = crypto;
    this.#world = world;
  }

  get busy(): boolean {
    return this.#state.at === "busy";
  }

  /** The connection is there. The server says SERVER_HELLO, the first frame of all. */
  start(): void {
    if (this.#role === "client") {
      this.#state = { at: "hello", pair: null };
      return;
    }
    this.#work(
      () => this.#crypto.createKeyPair(),
      (pair) => {
        this.#world.sendHello(pair.publicKey);
        this.#state = { at: "hello", pair };
        this.#world.ready();
      },
    );
  }

  /** A frame in the clear. */
  handle(frame: CryoFrame): void {
    const state = this.#state;
    if (state.at === "hello") this.#hello(frame, state.pair);
    else if (state.at === "done") this.#done(frame, state);
    else this.refuse(CloseCode.caleFailed);
  }

  /** Time is up. A server that does not even say hello knows nothing of CALE. */
  late(): void {
    const silent = this.#role === "client" && this.#state.at === "hello";
    this.refuse(silent ? CloseCode.caleDisagreement : CloseCode.caleFailed);
  }

  refuse(code: CaleRefusal): void {
    if (this.#state.at === "over") return;
    this.cancel();
    this.#world.refused(code);
  }

  /** The connection is gone; what the platform still works at is dropped. */
  cancel(): void {
    this.#state = { at: "over" };
  }

  #hello(frame: CryoFrame, pair: CaleKeyPair | null): void {
    const expected = this.#role === "server" ? "client_hello" : "server_hello";
    if (frame.type !== expected) {
      this.refuse(this.#firstFrameRefusal(frame));
      return;
    }
    const { ack, payload } = frame;
    if (!isCalePublicKey(payload)) this.refuse(CloseCode.caleFailed);
    else if (pair !== null) this.#derive(pair, payload, () => ack);
    else {
      this.#work(
        () => this.#crypto.createKeyPair(),
        (own) => this.#derive(own, payload, () => this.#world.sendHello(own.publicKey)),
      );
    }
  }

  /** Whoever begins with something else than a hello has CALE switched off; a server says so of any other frame (rules 25). */
  #firstFrameRefusal({ type }: CryoFrame): CaleRefusal {
    const shakesHands = type === "server_hello" || type === "client_hello" || type === "handshake_done";
    return this.#role === "client" && shakesHands ? CloseCode.caleFailed : CloseCode.caleDisagreement;
  }

  /** `clientHello` gives the number of the CLIENT_HELLO once it is known that the keys are good. */
  #derive(pair: CaleKeyPair, peerKey: Uint8Array, clientHello: () => number): void {
    const { publicKey } = pair;
    if (publicKey.every((byte, index) => byte === peerKey[index])) {
      this.refuse(CloseCode.caleFailed);
      return;
    }
    const [serverKey, clientKey] = this.#role === "server" ? [publicKey, peerKey] : [peerKey, publicKey];
    this.#work(
      () => pair.derive(peerKey, this.#role),
      (cipher) =>
        this.#work(
          () => this.#crypto.sha256(caleBindingInput(serverKey, clientKey)),
          (channelBinding) => {
            const number = clientHello();
            this.#state = { at: "done", number, secrets: { cipher, channelBinding } };
            if (this.#role === "server") this.#world.sendDone(number);
            this.#world.ready();
          },
        ),
    );
  }

  #done(frame: CryoFrame, { number, secrets }: Extract<State, { at: "done" }>): void {
    if (frame.type !== "handshake_done" || frame.ack !== number) {
      this.refuse(CloseCode.caleFailed);
      return;
    }
    this.#state = { at: "over" };
    if (this.#role === "client") this.#world.sendDone(number);
    this.#world.secured(secrets);
  }

  /** A step of the platform, after which the handshake goes on unless it has ended meanwhile. */
  #work<T>(step: () => T | Promise<T>, next: (value: T) => void): void {
    this.#state = { at: "busy" };
    attempt(
      step,
      (value) => {
        if (this.busy) next(value);
      },
      () => this.refuse(CloseCode.caleFailed),
    );
  }
}
