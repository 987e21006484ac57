import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Arrivals } from "./arrivals.js";
import { connectedPair } from "./loopback.test.js";

/** Small enough that one read of the socket brings all of them. */
const count = 2000;

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A connection whose peer has sent `count` numbered messages at once, and how many of them each turn delivers. */
async function flooded(t: TestContext, delivered: (number: number, arrivals: Arrivals) => void, messageBytes = 4) {
  const { server, client } = await connectedPair(t);
  const numbers: number[] = [];
  const arrivals = new Arrivals(server.ws, server.socket, {
    arrived(message) {
      numbers.push(message.readUInt32BE());
      delivered(numbers.length, arrivals);
    },
  });
  server.ws.on("message", (message, isBinary) => arrivals.add(message as Buffer, isBinary));
  client.socket.cork();
  for (let number = 0; number < count; number++) {
    const message = Buffer.alloc(messageBytes);
    message.writeUInt32BE(number);
    client.ws.send(message);
  }
  client.socket.uncork();
  return { arrivals, numbers, server, client };
}

const expected = Array.from({ length: count }, (_, number) => number);

/** Waits until all have arrived, in order; how many came in one turn at most. */
async function mostInATurn(numbers: readonly number[]): Promise<number> {
  let most = 0;
  for (let before = 0; numbers.length < count; before = numbers.length) {
    await turn();
    most = Math.max(most, numbers.length - before);
  }
  assert.deepEqual(numbers, expected);
  return most;
}

test("of a flood only so much is handled in one turn, all of it in order", async (t) => {
  const { arrivals, numbers } = await flooded(t, () => {});
  arrivals.release();
  const most = await mostInATurn(numbers);
  assert.ok(most <= 256, `${most} messages in one turn`);
});

test("of large messages, too, only so much is handled in one turn, although Node reads much more in a row", async (t) => {
  const messageBytes = 16_384;
  const { arrivals, numbers } = await flooded(t, () => {}, messageBytes);
  // What the kernel holds already is more than a turn may bring.
  for (let turns = 0; turns < 20; turns++) await turn();
  arrivals.release();
  const most = await mostInATurn(numbers);
  assert.ok(most * messageBytes <= 640 * 1024, `${most * messageBytes} bytes in one turn`);
});

test("a session that stops reading gets nothing more until it reads on", async (t) => {
  const stops = [1, 100, 128, 129, 700, 1999];
  const { arrivals, numbers } = await flooded(t, (number, held) => {
    if (stops.includes(number)) held.hold();
  });
  for (const stop of stops) {
    arrivals.release();
    while (numbers.length < stop) await turn();
    for (let turns = 0; turns < 5; turns++) await turn();
    assert.equal(numbers.length, stop);
  }
  arrivals.release();
  while (numbers.length < count) await turn();
  assert.deepEqual(numbers, expected);
});

test("flush delivers what waits, in order, although nothing may be read", async (t) => {
  const { arrivals, numbers } = await flooded(t, (number, held) => {
    if (number === 1) held.hold();
  });
  arrivals.release();
  while (numbers.length === 0) await turn();
  arrivals.flush();
  assert.ok(numbers.length > 256, `${numbers.length} messages`);
  assert.deepEqual(numbers, expected.slice(0, numbers.length));
});
