import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { CAMP } from "camp-client-node";
import { answerChallenge, checkChallenge } from "messenger/protocol";

/** A sealed text of up to 400 bytes: the server does not look into it. */
const sealedBytes = 602;

/** One registered identity that writes what the server cannot tell from sealed messages. Seals nothing: the server is measured. */
export class Member {
  identity;
  session;
  #sealed = randomBytes(sealedBytes).toString("base64url");
  #heard = new Map();
  /** Told of each message that arrives. */
  arrived = () => {};

  constructor(identity) {
    this.identity = identity;
  }

  /** Connects and proves its keys. */
  async register(port) {
    const origin = `ws://127.0.0.1:${port}`;
    this.session = await CAMP(`${origin}/camp`, "messenger", { reconnect: false });
    this.session.on("message-utf8", (text) => this.#received(JSON.parse(text)));
    const challenge = await this.#next("challenge");
    const server = await checkChallenge(challenge);
    this.#say(await answerChallenge(challenge, server, this.identity, origin, Date.now()));
    await this.#next("registered");
  }

  /** Resolves when the server has accepted it. */
  async write(id, to) {
    const from = this.identity.fingerprint;
    this.#say({ type: "msg", id, from, to, encryptedMessage: this.#sealed });
    await this.#next(id);
  }

  async leave() {
    this.session.Close("done");
    await once(this.session, "closed");
  }

  #say(message) {
    // Whether it arrived is told by what the server answers.
    this.session.base.SendUTF8(JSON.stringify(message)).catch(() => {});
  }

  #received(message) {
    if (message.type === "msg") {
      this.#say({ type: "ack", id: message.id, from: message.from });
      this.arrived();
      return;
    }
    const waiting = this.#heard.get(message.id ?? message.type);
    this.#heard.delete(message.id ?? message.type);
    if (message.type === "error") waiting?.reject(new Error(`the server answered ${message.code}`));
    else waiting?.resolve(message);
  }

  #next(what) {
    return new Promise((resolve, reject) => this.#heard.set(what, { resolve, reject }));
  }
}
