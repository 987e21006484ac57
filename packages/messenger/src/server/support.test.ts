import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { CAMP } from "camp-client-node";
import {
  answerChallenge,
  type Challenge,
  checkChallenge,
  createIdentity,
  encodeBase64url,
  type Identity,
  type Response,
} from "../protocol/index.js";
import { type ServeOptions, serveMessenger } from "./serve.js";

// What the tests of this folder share: a client that says whatever a test wants. Contains none itself.

export const random = (bytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(bytes));
export const randomText = (bytes: number): string => encodeBase64url(random(bytes));

export async function serve(t: TestContext, options: Partial<ServeOptions> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), "messenger-"));
  const serving = await serveMessenger({ dataDir, port: 0, host: "127.0.0.1", ...options });
  t.after(async () => {
    await serving.close();
    rmSync(dataDir, { recursive: true });
  });
  return serving;
}

export class RawClient {
  readonly session: Awaited<ReturnType<typeof CAMP>>;
  readonly origin: string;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #messages: Record<string, unknown>[] = [];
  #wake = () => {};

  private constructor(session: RawClient["session"], origin: string) {
    this.session = session;
    this.origin = origin;
    session.on("message-utf8", (text) => {
      this.#messages.push(JSON.parse(text));
      this.#wake();
    });
    this.closed = new Promise((resolve) => session.on("closed", (code, reason) => resolve({ code, reason })));
  }

  static async open(t: TestContext, { port }: { port: number }): Promise<RawClient> {
    const session = await CAMP(`ws://127.0.0.1:${port}/camp`, "messenger", { reconnect: false });
    t.after(() => session.Destroy());
    return new RawClient(session, `ws://127.0.0.1:${port}`);
  }

  static async registered(t: TestContext, serving: { port: number }, identity: Identity): Promise<RawClient> {
    const client = await RawClient.open(t, serving);
    client.say((await client.respond(identity)).response);
    await client.next("registered");
    return client;
  }

  say(message: unknown): void {
    this.session.base.SendUTF8(typeof message === "string" ? message : JSON.stringify(message)).catch(() => {});
  }

  async next(type: string): Promise<Record<string, unknown>> {
    for (;;) {
      const index = this.#messages.findIndex((message) => message.type === type);
      if (index !== -1) return this.#messages.splice(index, 1)[0]!;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The challenge of this connection, and the right response to it. */
  async respond(identity: Identity, origin = this.origin): Promise<{ challenge: Challenge; response: Response }> {
    const challenge = (await this.next("challenge")) as unknown as Challenge;
    const server = await checkChallenge(challenge);
    return { challenge, response: await answerChallenge(challenge, server, identity, origin, Date.now()) };
  }
}

export { createIdentity };
