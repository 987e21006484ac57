import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type MockCloseEvent, MockNetwork, type MockSocket, Random, VirtualTime } from "./index.js";

function settledTime(): VirtualTime {
  return new VirtualTime(() => new Promise((resolve) => setImmediate(resolve)));
}

/** What a socket is told, with the time. */
function logOf(socket: MockSocket, time: VirtualTime): string[] {
  const log: string[] = [];
  socket.onopen = () => log.push(`${time.now()} open`);
  socket.onmessage = ({ data }) => log.push(`${time.now()} ${data}`);
  socket.onerror = () => log.push(`${time.now()} error`);
  socket.onclose = ({ code }) => log.push(`${time.now()} close ${code}`);
  return log;
}

describe("a mock network", () => {
  it("has pairs of sockets that are open from the start", async () => {
    const time = settledTime();
    const [near, far] = new MockNetwork({ clock: time }).pair();
    const log = logOf(far, time);
    assert.deepEqual([near.readyState, far.readyState], [1, 1]);
    near.send("hello");
    near.close(1000, "bye");
    await time.run();
    assert.deepEqual(log, ["1 hello", "1 close 1000"]);
    assert.deepEqual([near.readyState, far.readyState], [3, 3]);
  });

  it("keeps blobs in order with what is sent after them, and waits for them before it closes", async () => {
    const time = settledTime();
    const [near, far] = new MockNetwork({ clock: time }).pair();
    far.binaryType = "arraybuffer";
    const sizes: unknown[] = [];
    far.onmessage = ({ data }) => sizes.push(data instanceof ArrayBuffer ? data.byteLength : data);
    near.send(new Blob(["abc"]));
    near.send("after");
    near.close(1000);
    assert.equal(near.bufferedAmount, 3);
    await new Promise((resolve) => near.addEventListener("close", resolve) ?? void drain(time, near));
    assert.deepEqual(sizes, [3, "after"]);
  });

  it("refuses with a status whom its listener refuses, by the URL, and a page hears no status", async () => {
    const time = settledTime();
    const network = new MockNetwork({ clock: time, conditions: { latencyMs: 20 } });
    let visits = 0;
    network.listen("ws://chat.test/", {
      refusal: ({ searchParams }) => (searchParams.get("token") === "good" ? null : { status: 401 }),
      connection: () => visits++,
    });
    const refused = logOf(new network.WebSocket("ws://chat.test/?token=bad"), time);
    const accepted = logOf(new network.WebSocket("ws://chat.test/?token=good"), time);
    await time.run();
    assert.deepEqual([refused, accepted, visits], [["40 error", "40 close 1006"], ["40 open"], 1]);
  });

  it("takes no status for a refusal that is none", async () => {
    for (const status of [0, 101, 199, 600, 401.5, Number.NaN]) {
      const time = settledTime();
      const network = new MockNetwork({ clock: time });
      network.listen("ws://chat.test/", { refusal: () => ({ status }), connection: () => {} });
      new network.WebSocket("ws://chat.test/");
      await assert.rejects(time.run(), RangeError);
    }
  });

  it("takes latency for every step, and refuses where nobody listens", async () => {
    const time = settledTime();
    const network = new MockNetwork({ clock: time, conditions: { latencyMs: 10 } });
    const end = network.listen("ws://chat.test/room", (socket) => socket.send("welcome"));
    const log = logOf(new network.WebSocket("ws://chat.test/room?name=ann"), time);
    await time.run();
    assert.deepEqual(log, ["20 open", "20 welcome"]);
    end();
    const refused = logOf(new network.WebSocket("ws://chat.test/room"), time);
    await time.run();
    assert.deepEqual(refused, ["40 error", "40 close 1006"]);
  });

  it("breaks connections at any message, or leaves the server without news", async () => {
    const time = settledTime();
    const network = new MockNetwork({ clock: time });
    const servers: string[][] = [];
    network.listen("ws://chat.test/", (socket) => servers.push(logOf(socket, time)));
    const first = new network.WebSocket("ws://chat.test/");
    const second = new network.WebSocket("ws://chat.test/");
    const logs = [logOf(first, time), logOf(second, time)];
    await time.advance(5);
    let bytes = 0;
    network.conditions.passes = (_, more) => {
      bytes += more;
      return bytes <= 6;
    };
    first.send("abc");
    second.send("def");
    first.send("ghi");
    await time.advance(5);
    assert.deepEqual([logs[0]!.at(-1), logs[1]!.length, second.readyState], ["6 close 1006", 1, 1]);
    delete network.conditions.passes;
    network.cut({ half: true });
    await time.run();
    assert.deepEqual(logs[1]!.at(-1), "11 close 1006");
    assert.deepEqual(servers, [["6 close 1006"], ["6 def"]], "what was under way is lost");
  });

  it("breaks each connection at a byte, with what had arrived before it", async () => {
    const time = settledTime();
    const network = new MockNetwork({ clock: time, conditions: { cutAtByte: 10, bytesPerMs: 1 } });
    for (const _ of ["first", "second"]) {
      const start = time.now();
      const [near, far] = network.pair();
      const logs = [logOf(near, time), logOf(far, time)];
      near.send("abcd");
      time.setTimeout(() => far.send("efgh"), 4);
      time.setTimeout(() => near.send("ijkl"), 8);
      await time.run();
      assert.deepEqual(
        logs.map((log) => log.map((line) => `${Number.parseInt(line, 10) - start}${line.replace(/^\d+/, "")}`)),
        [
          ["9 efgh", "13 close 1006"],
          ["5 abcd", "13 close 1006"],
        ],
        "the tenth byte is the second of the last message",
      );
    }
  });

  it("repeats a run from its seed", async () => {
    const run = async (seed: number): Promise<string[]> => {
      const random = new Random(seed);
      const time = settledTime();
      const [near, far] = new MockNetwork({
        clock: time,
        conditions: { jitterMs: () => random.integer(0, 90) },
      }).pair();
      const log = logOf(far, time);
      for (let index = 0; index < 10; index++) near.send(`${index}`);
      time.setTimeout(() => near.terminate(), random.integer(1, 400));
      await time.run();
      return log;
    };
    assert.deepEqual(await run(7), await run(7));
    assert.notDeepEqual(await run(7), await run(8));
  });

  it("holds a sender back while the reader has paused", async () => {
    const time = settledTime();
    const [near, far] = new MockNetwork({ clock: time, conditions: { windowBytes: 10 } }).pair();
    const log = logOf(far, time);
    far.pause();
    for (let index = 0; index < 4; index++) near.send("x".repeat(10));
    await time.advance(100);
    assert.deepEqual([log, near.bufferedAmount], [[], 20]);
    far.resume();
    await time.run();
    assert.deepEqual([log.length, near.bufferedAmount], [4, 0]);
  });

  it("keeps one handler a kind beside any number of listeners", async () => {
    const time = settledTime();
    const [near, far] = new MockNetwork({ clock: time }).pair();
    const heard: string[] = [];
    far.addEventListener("close", (event) => heard.push(`listener ${(event as MockCloseEvent).wasClean}`));
    far.onclose = () => heard.push("replaced");
    const handler = (): void => {
      heard.push("handler");
    };
    far.onclose = handler;
    assert.equal(far.onclose, handler);
    far.onmessage = () => heard.push("removed");
    far.onmessage = null;
    near.send("x");
    near.terminate();
    await time.run();
    assert.deepEqual(heard, ["listener false", "handler"]);
  });
});

/** Lets simulated and real turns pass until the socket is closed: blobs are read by the platform, in its own time. */
async function drain(time: VirtualTime, socket: MockSocket): Promise<void> {
  while (socket.readyState !== 3) await time.run();
}
