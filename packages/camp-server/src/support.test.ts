import { once } from "node:events";
import type { TestContext } from "node:test";
import { camp as connect } from "camp-client-node";
import { type CampFrame, decode, encode } from "camp-protocol";
import { WebSocket } from "ws";
import {
  type CAMPServerWebsocketSession,
  type CAMPWebsocketServer,
  camp,
  type ICAMPWebsocketServerOptions,
  type ITokenValidator,
} from "./index.js";

// What the tests of this folder share. Everything ends with its test; contains none itself.

export const token = "s3cret+/=token";

/** A server on a free port of 127.0.0.1 that lets everybody in, unless told otherwise. */
export async function start(
  t: TestContext,
  options: ICAMPWebsocketServerOptions = {},
  validate: ITokenValidator["validate"] = () => true,
): Promise<CAMPWebsocketServer> {
  const own = options.server === undefined ? { port: 0, host: "127.0.0.1" } : {};
  const server = await camp({ validate }, { ...own, ...options });
  t.after(() => {
    for (const session of server.sessions.values()) session.Destroy();
    return server.Destroy();
  });
  return server;
}

/** The next session that the server admits, whatever errors there are meanwhile. */
export function nextSession(server: CAMPWebsocketServer): Promise<CAMPServerWebsocketSession> {
  return new Promise((resolve) => server.once("session", resolve));
}

/** A client of ours and the session at the server's end, both connected. */
export async function join(t: TestContext, server: CAMPWebsocketServer) {
  const accepted = nextSession(server);
  const client = await connect(`127.0.0.1:${server.port}`, token, { reconnect: false });
  t.after(() => client.Destroy());
  const session = await accepted;
  await Promise.all([once(client, "connected"), once(session, "connected")]);
  return { client, session };
}

/** How an upgrade was answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface RawOptions {
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
}

/** The query with which a raw client asks for a session. */
export function asking(id: bigint | string, bearer = token): string {
  return `authorization=${encodeURIComponent(`Bearer ${bearer}`)}&x-camp-sid=${id}`;
}

function open(t: TestContext, server: CAMPWebsocketServer, options: RawOptions): WebSocket {
  const { path = "/", query = "", headers = {}, protocols = [] } = options;
  const ws = new WebSocket(`ws://127.0.0.1:${server.port}${path}?${query}`, [...protocols], {
    headers,
    perMessageDeflate: false,
  });
  ws.on("error", () => {});
  t.after(() => ws.terminate());
  return ws;
}

/** The answer to an upgrade, be it 101 or a refusal. */
export function ask(t: TestContext, server: CAMPWebsocketServer, options: RawOptions): Promise<Answer> {
  const ws = open(t, server, options);
  return new Promise((resolve, reject) => {
    ws.once("error", reject);
    ws.once("upgrade", ({ headers }) => resolve({ status: 101, headers, body: "" }));
    ws.once("unexpected-response", async (_request, response) => {
      let body = "";
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    });
  });
}

/** A client that says nothing by itself. */
export class RawClient {
  readonly id: bigint;
  readonly #ws: WebSocket;
  readonly #frames: CampFrame[] = [];
  #wake = (): void => {};

  private constructor(id: bigint, ws: WebSocket) {
    this.id = id;
    this.#ws = ws;
    ws.on("message", (data) => {
      this.#frames.push(decode(data as Buffer));
      this.#wake();
    });
  }

  static async open(t: TestContext, server: CAMPWebsocketServer, id: bigint): Promise<RawClient> {
    const ws = open(t, server, { query: asking(id), protocols: ["camp"] });
    const client = new RawClient(id, ws);
    await once(ws, "open");
    return client;
  }

  /** Introduces itself and has heard the server do so: the session is `connected`. */
  async introduce(session: CAMPServerWebsocketSession): Promise<void> {
    const connected = session.state === "open" ? null : once(session, "connected");
    this.send({ sid: this.id, type: "endpoint_info", ack: 0, version: 1, features: 1n });
    const { ack } = (await this.next("endpoint_info")) as CampFrame & { ack: number };
    this.send({ sid: this.id, type: "ack", ack });
    await this.next("ack");
    await connected;
  }

  send(frame: CampFrame): void {
    this.#ws.send(encode(frame));
  }

  /** The next frame of this type; others are passed over. */
  async next(type: CampFrame["type"]): Promise<CampFrame> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame?.type === type) return frame;
      if (frame === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  closed(): Promise<[code: number, reason: Buffer]> {
    return once(this.#ws, "close") as Promise<[number, Buffer]>;
  }

  terminate(): void {
    this.#ws.terminate();
  }
}

/** A validator that answers when the test says so. */
export function slowValidator() {
  const answers: ((admits: boolean) => void)[] = [];
  let wake = (): void => {};
  return {
    validate: () =>
      new Promise<boolean>((answer) => {
        answers.push(answer);
        wake();
      }),
    /** Resolves once it was asked so often. */
    async asked(times: number): Promise<void> {
      while (answers.length < times) await new Promise<void>((resolve) => (wake = resolve));
    },
    answer(admits: boolean): void {
      for (const answer of answers) answer(admits);
    },
  };
}
