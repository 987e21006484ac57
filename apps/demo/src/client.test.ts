import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { CAMP } from "camp-client-node";
import { runClient } from "./client.js";
import { type Server, type Session, startServer } from "./server.js";

/** A server's part in which something goes wrong: what it says it received, and what it gives back. */
interface Fault {
  readonly sha256: (right: string) => string;
  readonly bytes: (right: Buffer) => Buffer;
}

const none: Fault = { sha256: (right) => right, bytes: (right) => right };

async function serveWrongly(server: Server, fault: Fault): Promise<void> {
  const [session] = (await once(server, "session")) as [Session];
  const received = await buffer(await session.transaction.WaitForStream("upload"));
  const sha256 = createHash("sha256").update(received).digest("hex");
  await session.base.SendUTF8(fault.sha256(sha256));
  await session.transaction.Stream(fault.bytes(received), { streamName: "download", behaviour: "pull" });
}

describe("the client of the demo", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "camp-demo-client-"));
  });
  after(() => rm(folder, { recursive: true }));

  async function runAgainst(fault: Fault) {
    const server = await startServer(0, "token");
    const serving = serveWrongly(server, fault).catch(() => {});
    const session = await CAMP(`127.0.0.1:${server.port}`, "token");
    const task = { port: server.port, token: "token", folder, fileBytes: 300_000, messages: 50 };
    try {
      return await runClient(session, task, () => {});
    } finally {
      await session.Close("done");
      await serving;
      await server.Destroy();
      await rm(join(folder, "original.bin"));
    }
  }

  it("reports every step when all goes well", async () => {
    const { steps, ranges, madeSha256, pulledSha256 } = await runAgainst(none);
    assert.equal(steps.push.bytes, 300_000);
    assert.ok(Object.values(steps).every((step) => step.ms > 0 && step.bytes > 0));
    assert.equal(ranges, 1);
    assert.equal(madeSha256, pulledSha256);
  });

  it("fails when the server received other bytes", async () => {
    const fault = { ...none, sha256: () => "0".repeat(64) };
    await assert.rejects(runAgainst(fault), /^Error: the server received other bytes: SHA-256 0000/);
  });

  it("fails when other bytes come back", async () => {
    const flip = (right: Buffer) => Buffer.from(right).fill(0, 1000, 1010);
    await assert.rejects(runAgainst({ ...none, bytes: flip }), /^Error: other bytes came back: SHA-256 /);
  });
});
