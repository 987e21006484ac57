import { createHash } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import type { CAMP } from "camp-client-node";
import { type ClientResult, type ClientTask, highestMemory, type StepName, type StepResult } from "./channel.js";
import { makeRandomFile } from "./random-file.js";

type Session = Awaited<ReturnType<typeof CAMP>>;
type TellProgress = (step: StepName, done: number) => void;

/** Messages on their way there and back at a time: enough to fill the line, few enough to never fill a queue. */
const messagesInFlight = 256;
const binaryBytes = 256;
/** Bytes asked for at a time while pulling; the next range is asked for while one still arrives. */
const rangeBytes = 4_194_304n;
/** Round trips measured with nothing else going on, and how often one is measured during the transfers. */
const idleRoundTrips = 200;
const busyRoundTripEveryMs = 10;
/** News for the progress bar are sent after this share of a step at the earliest. */
const newsPerStep = 200;

/** Everything that the client does, step by step. */
export async function runClient(session: Session, task: ClientTask, tell: TellProgress): Promise<ClientResult> {
  const path = join(task.folder, "original.bin");
  let madeSha256 = "";
  let ranges = 0;
  let pulledSha256 = "";

  const make = await measure(task.fileBytes, async () => {
    madeSha256 = await makeRandomFile(path, task.fileBytes, "camp demo", thin("make", task.fileBytes, tell));
  });
  const text = await measure(task.messages, async (addBytes) => {
    await echo(session, "message-utf8", task.messages, thin("text", task.messages, tell), (index) => {
      const message = `message ${index}: Grüße, 世界, ${"▁▂▃▄▅▆▇█".repeat(3)}`;
      addBytes(Buffer.byteLength(message));
      return { sent: session.base.SendUTF8(message), isEcho: (received) => received === message };
    });
  });
  const binary = await measure(task.messages, async (addBytes) => {
    await echo(session, "message-binary", task.messages, thin("binary", task.messages, tell), (index) => {
      const message = Buffer.alloc(binaryBytes, `${index},`);
      addBytes(message.length);
      return { sent: session.base.SendBinary(message), isEcho: (received) => message.equals(received as Buffer) };
    });
  });

  const idleRoundTripsMs: number[] = [];
  for (let count = 0; count < idleRoundTrips; count++) idleRoundTripsMs.push(await roundTrip(session));

  const before = process.memoryUsage.rss();
  const roundTrips = measureNowAndThen(session);
  const report = once(session, "message-utf8");
  const push = await measure(task.fileBytes, async () => {
    const tellPushed = thin("push", task.fileBytes, tell);
    await session.transaction.Stream(
      { path },
      { streamName: "upload", onProgress: (sentBytes) => tellPushed(Number(sentBytes)) },
    );
  });
  const [receivedSha256] = await report;
  if (receivedSha256 !== madeSha256) throw new Error(`the server received other bytes: SHA-256 ${receivedSha256}`);

  const pull = await measure(task.fileBytes, async () => {
    const pulled = await pullByRanges(session, thin("pull", task.fileBytes, tell));
    ranges = pulled.ranges;
    pulledSha256 = pulled.sha256;
  });
  const busyRoundTripsMs = await roundTrips.stop();
  if (pulledSha256 !== madeSha256) throw new Error(`other bytes came back: SHA-256 ${pulledSha256}`);

  return {
    steps: { make, text, binary, push, pull },
    ranges,
    madeSha256,
    pulledSha256,
    idleRoundTripsMs,
    busyRoundTripsMs,
    memory: { before, highest: highestMemory() },
  };
}

interface Sent {
  /** Settles when the server acknowledged the message. */
  readonly sent: Promise<boolean>;
  isEcho(received: unknown): boolean;
}

/** Sends `count` messages, a number of them ahead of the echoes, and checks that each comes back as it was and in order. */
async function echo(
  session: Session,
  event: "message-utf8" | "message-binary",
  count: number,
  onEcho: (done: number) => void,
  send: (index: number) => Sent,
): Promise<void> {
  const waiting: Sent[] = [];
  let next = 0;
  let echoed = 0;
  await new Promise<void>((resolve, reject) => {
    const sendMore = () => {
      while (next < count && waiting.length < messagesInFlight) {
        const message = send(next++);
        message.sent.catch(reject);
        waiting.push(message);
      }
    };
    const receive = (payload: string | Buffer) => {
      if (waiting.shift()?.isEcho(payload) !== true) reject(new Error(`echo ${echoed} is not what was sent`));
      onEcho(++echoed);
      if (echoed < count) return sendMore();
      session.off(event, receive);
      session.off("closed", closed);
      resolve();
    };
    const closed = (code: number, reason: string) => reject(new Error(`the session ended: ${code} ${reason}`));
    session.on(event, receive);
    session.once("closed", closed);
    sendMore();
  });
}

/** Reads the stream that the server offers, range after range, and hashes what comes. */
async function pullByRanges(
  session: Session,
  onBytes: (received: number) => void,
): Promise<{ readonly ranges: number; readonly sha256: string }> {
  const stream = await session.transaction.WaitForStream("download");
  const size = stream.byteLength ?? 0n;
  const hash = createHash("sha256");
  let ranges = 0;
  let asked = 0n;
  let received = 0n;
  const askForMore = async () => {
    if (asked === size) return;
    const end = asked + rangeBytes < size ? asked + rangeBytes : size;
    const request = session.transaction.StreamRequestRange(stream, asked, end);
    asked = end;
    ranges++;
    await request;
  };
  await askForMore();
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    received += BigInt(chunk.length);
    onBytes(Number(received));
    if (asked - received < rangeBytes) await askForMore();
  }
  return { ranges, sha256: hash.digest("hex") };
}

/** How long a small message takes to be acknowledged, in milliseconds. */
async function roundTrip(session: Session): Promise<number> {
  const startMs = performance.now();
  await session.base.SendBinary(Buffer.of(0));
  return performance.now() - startMs;
}

/** Measures round trips while something else goes on. */
function measureNowAndThen(session: Session): { stop(): Promise<number[]> } {
  const samples: Promise<number>[] = [roundTrip(session)];
  const timer = setInterval(() => {
    const sample = roundTrip(session);
    // What goes wrong is told once, by whoever waits for all of them.
    sample.catch(() => clearInterval(timer));
    samples.push(sample);
  }, busyRoundTripEveryMs);
  return {
    stop() {
      clearInterval(timer);
      return Promise.all(samples);
    },
  };
}

/** Runs a step. Its bytes are `amount` unless it adds them up itself. */
async function measure(amount: number, run: (addBytes: (bytes: number) => void) => Promise<void>): Promise<StepResult> {
  let added = 0;
  const startMs = performance.now();
  await run((bytes) => {
    added += bytes;
  });
  return { ms: performance.now() - startMs, bytes: added === 0 ? amount : added };
}

/** Passes on only as many reports as a bar can show. */
function thin(step: StepName, total: number, tell: TellProgress): (done: number) => void {
  let next = 0;
  return (done) => {
    if (done < next && done < total) return;
    next = done + total / newsPerStep;
    tell(step, done);
  };
}
