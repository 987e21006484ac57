import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MockWebSocket, VirtualTime } from "./index.js";

/** A socket that is being opened, and all that it said: events, and lines of its console. */
function opened(): { socket: MockWebSocket; log: unknown[]; time: VirtualTime } {
  const time = new VirtualTime(() => Promise.resolve());
  const log: unknown[] = [];
  const console = {
    log: (...words: unknown[]) => log.push(["log", ...words]),
    error: (...words: unknown[]) => log.push(["error", ...words]),
  };
  const socket = new MockWebSocket("wss://example.com", 100, { clock: time, console });
  const note = (event: unknown): void => {
    log.push([time.now(), socket.readyState, event]);
  };
  Object.assign(socket, { onopen: note, onmessage: note, onclose: note });
  return { socket, log, time };
}

describe("MockWebSocket", () => {
  it("opens in two steps, receives, sends and is closed from afar", async () => {
    const { socket, log, time } = opened();
    assert.equal(socket.readyState, MockWebSocket.CONNECTING);
    await time.advance(100);
    assert.equal(socket.readyState, MockWebSocket.OPENING);
    await time.advance(100);
    socket.receive("hi");
    socket.send("hello");
    socket.remoteClose();
    assert.equal(socket.readyState, MockWebSocket.CLOSING);
    await time.run();
    assert.deepEqual(log, [
      [200, 2, { type: "open" }],
      [200, 2, { type: "message", data: "hi" }],
      ["log", "Sent:", "hello"],
      [300, 4, { type: "close" }],
    ]);
  });

  it("opens without onopen too, and its own close ends in onclose", async () => {
    const { socket, log, time } = opened();
    socket.onopen = null;
    await time.run();
    socket.close();
    socket.close();
    await time.run();
    assert.deepEqual(log, [
      ["log", "Socket closing"],
      ["error", "Error: Connection not open."],
      [300, 4, { type: "close" }],
    ]);
  });

  it("says so when it is not open, and drops what arrives", () => {
    const { socket, log } = opened();
    socket.send("early");
    socket.close();
    socket.receive("early");
    socket.remoteClose();
    assert.deepEqual(log, [
      ["error", "Error: Connection not open."],
      ["error", "Error: Connection not open."],
    ]);
  });

  it("numbers its instances", () => {
    const next = MockWebSocket.NEXT_ID;
    assert.deepEqual([opened().socket.id, opened().socket.id], [next, next + 1]);
  });
});
