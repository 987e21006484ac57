import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import { openPage } from "browser-testing";
import { fileBytes, piece, startServerProcess } from "./server-process.test.js";

/** How much a page may hold more while a file of 256 MiB passes: windows and sockets, no garbage. */
const pageGrownBytesMax = 16 * 1024 * 1024;
/** How much more memory its server may have: the same, and what waits for the collector. */
const serverGrownBytesMax = 64 * 1024 * 1024;

/** So many answers in a row must say that memory is held: half a second of the ten that a file takes. */
const answersMin = 20;

const hash = createHash("sha256");
for (let bytes = 0; bytes < fileBytes; bytes += piece.length) hash.update(piece);
const fileHash = hash.digest("hex");

type Page = Awaited<ReturnType<typeof openPage>>;

/** What the page holds in JavaScript and in array buffers, garbage aside, at its highest while `work` runs. */
async function growthDuring<T>(page: Page, work: Promise<T>): Promise<{ result: T; grownBytes: number }> {
  const cdp = await page.context().newCDPSession(page);
  const held = async () => {
    await cdp.send("HeapProfiler.collectGarbage");
    const usage = (await cdp.send("Runtime.getHeapUsage")) as { usedSize: number; backingStorageSize: number };
    return usage.usedSize + usage.backingStorageSize;
  };
  let running = true;
  const done = work.finally(() => {
    running = false;
  });
  const before = await held();
  // The page works on between a collection and the question, and is swept beside that: garbage shows in a few answers, what is held in all.
  let latest: number[] = [];
  let max = 0;
  while (running) {
    latest = [...latest, await held()].slice(-answersMin);
    if (latest.length === answersMin) max = Math.max(max, Math.min(...latest));
  }
  assert.ok(max > 0, "the work was over before its memory was known");
  return { result: await done, grownBytes: max - before };
}

async function open(t: TestContext) {
  const server = await startServerProcess(t);
  const page = await openPage(t);
  await page.evaluate(async (host) => {
    const { camp } = await import("camp-client-browser");
    Object.assign(globalThis, { session: await camp(host, "secret") });
  }, `127.0.0.1:${server.port}`);
  return { server, page };
}

type Session = Awaited<ReturnType<typeof import("./index.js")["camp"]>>;

for (const behaviour of ["push", "pull"] as const) {
  test(`a file of 256 MiB goes up by ${behaviour} unchanged, in flat memory on both ends`, async (t) => {
    const { server, page } = await open(t);
    const uploaded = server.next("uploaded");
    const work = page.evaluate(
      async ({ behaviour, pieces }) => {
        const { session } = globalThis as unknown as { session: Session };
        const piece = Uint8Array.from({ length: 1024 * 1024 }, (_, index) => (index * index) % 251);
        const file = new File(
          Array.from({ length: pieces }, () => piece),
          "big.bin",
        );
        await session.base.SendUTF8("up");
        await session.transaction.Stream(file, { streamName: "up", behaviour });
      },
      { behaviour, pieces: fileBytes / piece.length },
    );
    const { grownBytes } = await growthDuring(page, work);
    const { bytes, hash, grownBytes: serverGrownBytes } = await uploaded;
    assert.deepEqual([bytes, hash], [fileBytes, fileHash]);
    assert.ok(grownBytes <= pageGrownBytesMax, `the page grew by ${grownBytes} bytes`);
    assert.ok(serverGrownBytes <= serverGrownBytesMax, `the server grew by ${serverGrownBytes} bytes`);
  });

  test(`256 MiB come down by ${behaviour} unchanged, in flat memory on both ends`, async (t) => {
    const { server, page } = await open(t);
    const downloaded = server.next("downloaded");
    const work = page.evaluate(async (behaviour) => {
      const { session } = globalThis as unknown as { session: Session };
      const piece = Uint8Array.from({ length: 1024 * 1024 }, (_, index) => (index * index) % 251);
      await session.base.SendUTF8(behaviour);
      let [bytes, wrong] = [0, 0];
      for await (const chunk of await session.transaction.WaitForStream("down")) {
        for (let at = 0; at < chunk.length; at++) if (chunk[at] !== piece[(bytes + at) % piece.length]) wrong++;
        bytes += chunk.length;
      }
      return [bytes, wrong];
    }, behaviour);
    const { result, grownBytes } = await growthDuring(page, work);
    const { grownBytes: serverGrownBytes } = await downloaded;
    assert.deepEqual(result, [fileBytes, 0]);
    assert.ok(grownBytes <= pageGrownBytesMax, `the page grew by ${grownBytes} bytes`);
    assert.ok(serverGrownBytes <= serverGrownBytesMax, `the server grew by ${serverGrownBytes} bytes`);
  });
}
