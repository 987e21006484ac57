import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { type CAMPServerWebsocketSession, camp } from "camp-server";

// A server that is a process of its own, whose memory is its alone and which can be killed. Contains no test itself.

/** What the server tells its test. */
export type Report =
  | { readonly is: "listening"; readonly port: number }
  | { readonly is: "uploaded"; readonly bytes: number; readonly hash: string; readonly grownBytes: number }
  | { readonly is: "downloaded"; readonly grownBytes: number }
  | { readonly is: "text"; readonly text: string };

export interface ServerProcess {
  readonly port: number;
  next<K extends Report["is"]>(kind: K): Promise<Extract<Report, { readonly is: K }>>;
  kill(): Promise<void>;
}

/** Bytes of what is streamed down, the same mebibyte again and again. */
export const fileBytes = 256 * 1024 * 1024;
export const piece = Uint8Array.from({ length: 1024 * 1024 }, (_, index) => (index * index) % 251);

const program = fileURLToPath(import.meta.url);

export async function startServerProcess(t: TestContext, port = 0): Promise<ServerProcess> {
  const child: ChildProcess = fork(program, ["serve", String(port)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const gone = once(child, "close");
  const kill = async () => {
    child.kill("SIGKILL");
    await gone;
  };
  t.after(kill);
  const next = async <K extends Report["is"]>(kind: K) => {
    for (;;) {
      const [report] = (await once(child, "message")) as [Report];
      if (report.is === kind) return report as Extract<Report, { readonly is: K }>;
    }
  };
  return { port: (await next("listening")).port, next, kill };
}

/** Resident memory beyond what it was at first, at its highest. */
class Growth {
  readonly #before = process.memoryUsage.rss();
  #max = this.#before;

  look(): void {
    this.#max = Math.max(this.#max, process.memoryUsage.rss());
  }

  get bytes(): number {
    this.look();
    return this.#max - this.#before;
  }
}

const tell = (report: Report) => void process.send!(report);

async function receive(session: CAMPServerWebsocketSession): Promise<void> {
  const stream = await session.transaction.WaitForStream("up");
  const growth = new Growth();
  const hash = createHash("sha256");
  for await (const chunk of stream) {
    hash.update(chunk);
    growth.look();
  }
  tell({ is: "uploaded", bytes: Number(stream.receivedBytes), hash: hash.digest("hex"), grownBytes: growth.bytes });
}

async function send(session: CAMPServerWebsocketSession, behaviour: "push" | "pull"): Promise<void> {
  const growth = new Growth();
  async function* pieces() {
    for (let sent = 0; sent < fileBytes; sent += piece.length) {
      growth.look();
      yield piece;
    }
  }
  await session.transaction.Stream(pieces(), { streamName: "down", behaviour, size: fileBytes });
  tell({ is: "downloaded", grownBytes: growth.bytes });
}

async function serve(port: number): Promise<void> {
  const server = await camp({ validate: () => true }, { port, host: "127.0.0.1" });
  // Whoever says so is never answered: nobody can know what became of it.
  server.RegisterExtension({
    name: "silence",
    on_receive_utf8: (_session, { value }) => {
      if (value !== "hold") return true;
      tell({ is: "text", text: value });
      return new Promise<never>(() => {});
    },
  });
  server.on("session", (session) => {
    session.on("message-utf8", (text) => {
      tell({ is: "text", text });
      if (text === "up") void receive(session);
      if (text === "push" || text === "pull") void send(session, text);
    });
  });
  tell({ is: "listening", port: server.port });
}

if (process.argv[2] === "serve") await serve(Number(process.argv[3]));
