import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, afterEach, before, test } from "node:test";
import { IterableSource } from "camp-runtime";
import { ReadableSource } from "./sequential-sources.js";
import { spool } from "./spool.js";

const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
const noSignal = new AbortController().signal;
const options = { what: "stream 1", signal: noSignal };
let folder: string;
const usualFolder = process.env.TMPDIR;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "camp-spool-test-"));
  process.env.TMPDIR = folder;
});
after(async () => {
  if (usualFolder === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usualFolder;
  await rm(folder, { recursive: true });
});
afterEach(async () => assert.deepEqual(await readdir(folder), [], "a spool file has a name"));

function* inPieces(bytes: Uint8Array, pieceBytes: number) {
  for (let start = 0; start < bytes.byteLength; start += pieceBytes) yield bytes.subarray(start, start + pieceBytes);
}

async function* silent(): AsyncGenerator<Uint8Array> {
  yield content;
  await new Promise(() => {});
}

test("what was in order can be read anywhere, and the file has no name", async () => {
  const source = await spool(new IterableSource(inPieces(content, 999), null), options);
  assert.equal(source.size, 100_000n);
  assert.deepEqual(await readdir(folder), []);
  const target = new Uint8Array(1000);
  assert.equal(await source.readAt([target], 50_000n), 1000);
  assert.deepEqual(Buffer.from(target), content.subarray(50_000, 51_000));
  assert.equal(await source.readAt([target], 0n), 1000);
  assert.deepEqual(Buffer.from(target), content.subarray(0, 1000));
  source.close();
});

test("an empty source spools to an empty one", async () => {
  const source = await spool(new IterableSource([], 0n), options);
  assert.equal(source.size, 0n);
  source.close();
});

test("a source that fails is told with its cause, and closed", async () => {
  const fault = new Error("broken source");
  const readable = new Readable({ read: () => readable.destroy(fault) });
  const spooling = spool(new ReadableSource(readable, null), options);
  await assert.rejects(spooling, { code: "STREAM_SOURCE", message: /stream 1 .*broken source/, cause: fault });
  assert.ok(readable.destroyed);
});

test("a source of another size than announced fails", async () => {
  for (const size of [99_999n, 100_001n]) {
    const spooling = spool(new IterableSource(inPieces(content, 1000), size), options);
    await assert.rejects(spooling, {
      code: "STREAM_SOURCE",
      message: `stream 1 failed at its source: it yielded 100000 bytes instead of ${size}`,
    });
  }
});

test("a source of more than the limit fails, one of exactly the limit does not", async () => {
  const exact = await spool(new IterableSource(inPieces(content, 1000), null), { ...options, bytesMax: 100_000 });
  exact.close();
  const endless = new Readable({ read: () => endless.push(content) });
  const spooling = spool(new ReadableSource(endless, null), { ...options, bytesMax: 10 * content.byteLength });
  await assert.rejects(spooling, { code: "STREAM_SOURCE", message: /more than 1000000 bytes/ });
  assert.ok(endless.destroyed);
  const announced = spool(new IterableSource(silent(), 2n ** 40n), options);
  await assert.rejects(announced, { code: "STREAM_SOURCE", message: /more than 1073741824 bytes/ });
});

test("a signal ends the spooling of a source that is silent for ever", async () => {
  const controller = new AbortController();
  const spooling = spool(new IterableSource(silent(), null), { what: "stream 1", signal: controller.signal });
  await new Promise(setImmediate);
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(spooling, reason);
});

test("a signal that has fired spools nothing", async () => {
  const reason = new Error("too late");
  const spooling = spool(new IterableSource(silent(), null), { what: "stream 1", signal: AbortSignal.abort(reason) });
  await assert.rejects(spooling, reason);
});

test("no file is left behind by a process that is killed while it spools", async () => {
  const modules = JSON.stringify({
    spool: new URL("spool.js", import.meta.url),
    sources: new URL("../common/index.js", import.meta.url),
  });
  const script = `
    const modules = ${modules};
    const { spool } = await import(modules.spool);
    const { IterableSource } = await import(modules.sources);
    async function* pieces() {
      yield new Uint8Array(1000);
      process.stdout.write("spooling");
      setInterval(() => {}, 1000);
      await new Promise(() => {});
    }
    await spool(new IterableSource(pieces(), null), { what: "stream 1", signal: new AbortController().signal });
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  const [, signal] = await once(child, "exit");
  assert.equal(signal, "SIGKILL");
  assert.deepEqual(await readdir(folder), []);
});
