import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ClientNews, type ClientResult, type ClientTask, highestMemory, type StepName } from "./channel.js";
import { formatCount, formatMegabytes } from "./format.js";
import type { DemoOptions } from "./options.js";
import { type Output, Progress } from "./progress.js";
import { formatReport } from "./report.js";
import { type Server, serveTransfers, startServer } from "./server.js";

const messages = 5_000;
/** How long the client process may take to go once it was told to. */
const clientGraceMs = 2_000;

/** The whole job. Resolves when it is done or was interrupted by the signal, with nothing left behind. */
export async function runDemo(options: DemoOptions, output: Output, signal: AbortSignal): Promise<void> {
  const token = randomBytes(16).toString("hex");
  const server = await startServer(options.port, token);
  try {
    output.write(`CAMP server on ws://127.0.0.1:${server.port}, process ${process.pid}\n`);
    await transferWithClient(server, token, options, output, signal);
    if (options.once) return;
    output.write(invitation(server.port, token));
    announceSessions(server, output);
    await aborted(signal);
    output.write("\nClosing.\n");
  } finally {
    await server.Destroy();
  }
}

/** Runs the client to its end and prints what both processes did. */
async function transferWithClient(
  server: Server,
  token: string,
  options: DemoOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "camp-demo-"));
  const ended = new AbortController();
  const task: ClientTask = { port: server.port, token, folder, fileBytes: options.sizeMb * 1_000_000, messages };
  const before = process.memoryUsage.rss();
  try {
    const serving = serveTransfers(server, folder, AbortSignal.any([signal, ended.signal]));
    const [client, serverSha256] = await bothEnds(runClientProcess(task, output, signal), serving);
    if (client.madeSha256 !== serverSha256) throw new Error(`the server received other bytes: SHA-256 ${serverSha256}`);
    const serverMemory = { before, highest: highestMemory() };
    output.write(`\n${formatReport({ client, messages, serverSha256, serverMemory })}\n`);
  } finally {
    ended.abort();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Waits for both ends. When one of them fails the other does so, too, in its own words: both are told. */
async function bothEnds<A, B>(client: Promise<A>, server: Promise<B>): Promise<[A, B]> {
  const [clientEnd, serverEnd] = await Promise.allSettled([client, server]);
  if (clientEnd.status === "fulfilled" && serverEnd.status === "fulfilled") return [clientEnd.value, serverEnd.value];
  const told = [clientEnd, serverEnd].flatMap((end, index) => {
    if (end.status === "fulfilled") return [];
    const message = end.reason instanceof Error ? end.reason.message : String(end.reason);
    return [`${index === 0 ? "client" : "server"}: ${message}`];
  });
  throw new Error(told.join("; "));
}

/** Starts the client process, shows how it gets on, and resolves to what it reports; when that is over it is gone. */
async function runClientProcess(task: ClientTask, output: Output, signal: AbortSignal): Promise<ClientResult> {
  const child = fork(fileURLToPath(new URL("client-process.js", import.meta.url)));
  const exited = once(child, "exit");
  const bars = progressBars(task, output);
  let current: Progress | undefined;
  const dismiss = () => {
    if (child.connected) child.disconnect();
    setTimeout(() => child.kill("SIGKILL"), clientGraceMs).unref();
  };
  try {
    return await new Promise<ClientResult>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      signal.throwIfAborted();
      child.once("error", reject);
      exited.then(([code, by]) => reject(new Error(`the client process ended early (${code ?? by})`)), reject);
      child.on("message", (news: ClientNews) => {
        if (news.type === "ready") {
          output.write(`Client in process ${child.pid}\n\n`);
          child.send(task);
        } else if (news.type === "progress") {
          current = bars[news.step];
          current.update(news.done);
        } else if (news.type === "finished") resolve(news.result);
        else reject(new Error(news.message));
      });
    });
  } finally {
    current?.abandon();
    dismiss();
    await exited;
  }
}

function progressBars(task: ClientTask, output: Output): Record<StepName, Progress> {
  const { fileBytes, messages } = task;
  return {
    make: new Progress(output, "making the file", fileBytes, formatMegabytes),
    text: new Progress(output, "echoing text", messages, formatCount),
    binary: new Progress(output, "echoing binary", messages, formatCount),
    push: new Progress(output, "pushing the file", fileBytes, formatMegabytes),
    pull: new Progress(output, "pulling it by ranges", fileBytes, formatMegabytes),
  };
}

/** How the reader connects. One line that every shell takes: no dollar sign, no backtick, no exclamation mark. */
function invitation(port: number, token: string): string {
  const program = [
    "import { CAMP } from 'camp-client-node';",
    `const session = await CAMP('127.0.0.1:${port}', '${token}');`,
    "session.on('message-utf8', (text) => { console.log(text); void session.Close('bye'); });",
    "await session.base.SendUTF8('hello');",
  ].join(" ");
  return `
The server stays up and echoes what it is sent. Connect from this folder in another terminal:

  node --input-type=module -e "${program}"

The token is ${token}. Ctrl-C ends the server.
`;
}

function announceSessions(server: Server, output: Output): void {
  server.on("session", (session) => {
    output.write(`session ${session.id} connected\n`);
    session.once("closed", (code, reason) => output.write(`session ${session.id} closed: ${code} ${reason}\n`));
  });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}
