import { CAMP, type CAMPClientWebsocketSession as Session } from "camp-client-node";
import { token } from "../rig.js";

/** A client of the server under attack that means no harm, and must be answered. */
export class Witness {
  readonly #session: Session;
  readonly #next: string[] = [];
  #arrived: (() => void) | null = null;
  #echoes = 0;

  private constructor(session: Session) {
    this.#session = session;
    session.on("message-utf8", (text) => {
      this.#next.push(text);
      this.#arrived?.();
    });
    session.on("closed", () => this.#arrived?.());
  }

  static async connect(port: number): Promise<Witness> {
    return new Witness(await CAMP(`127.0.0.1:${port}`, token, { reconnect: false }));
  }

  get sid(): bigint {
    return this.#session.id;
  }

  /** Sends a text and waits until it comes back. Rejects if the session ends or something else comes. */
  async echo(): Promise<void> {
    const text = `echo ${this.#echoes++}`;
    const back = new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
    await this.#session.base.SendUTF8(text);
    if (this.#next.length === 0) await back;
    const answer = this.#next.shift();
    if (answer !== text) throw new Error(`${this.#session.state}: ${answer ?? "nothing"} came instead of ${text}`);
  }

  leave(): Promise<void> {
    return this.#session.Close("over");
  }
}
