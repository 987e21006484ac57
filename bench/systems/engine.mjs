// The codec alone, and two engines back to back: what messages cost before sockets come in.

import { decode, expectFrames, FrameEncoder } from "camp-protocol";
import { someBytes } from "../lib/bulk.mjs";
import { engines } from "../lib/engines.mjs";
import { keepInFlight } from "../lib/window.mjs";

const id = 0x1234_5678_9abc_def0n;
const encoder = new FrameEncoder(id);
const expected = expectFrames(id);
const payload = someBytes(64);
const text = "x".repeat(64);
const block = someBytes(2 ** 20);
/** Operations between two looks at the clock. */
const batch = 1000;
let sink = 0;

export const encode = forAWhile(() => {
  sink += encoder.binary(payload).length;
});

const encoded = encoder.binary(payload);
export const decodeOnly = forAWhile(() => {
  sink += decode(encoded, expected).ack;
});

export const encodeAndDecode = forAWhile(() => {
  sink += decode(encoder.binary(payload), expected).payload.length;
});

export const encodeAndDecodeAck = forAWhile(() => {
  sink += decode(encoder.ack(7), expected).ack;
});

export const encodeAndDecodeText = forAWhile(() => {
  sink += decode(encoder.utf8(text), expected).payload.length;
});

/** Acknowledged messages from one engine to the other, 256 in flight. */
export async function messages({ durationMs }) {
  const { client } = await engines();
  const { messages, ...result } = await keepInFlight({ size: 256, durationMs }, [() => client.send("binary", payload)]);
  return { ...result, operations: messages };
}

/** Chunks of one push stream from one engine to the other. */
export async function push({ durationMs }) {
  const { client, server } = await engines();
  const begin = performance.now();
  const end = begin + durationMs;
  let chunks = 0;
  while (performance.now() < end) {
    const size = 2n ** 28n;
    const source = { kind: "random", size, viewAt: (_, bytes) => block.subarray(0, bytes), close() {} };
    const sent = server.stream(source, { name: "bulk", behaviour: "push" });
    const stream = await client.waitForStream("bulk");
    const take = () => {
      while (stream.take() !== null) chunks++;
    };
    stream.onChange = take;
    take();
    await sent;
  }
  const seconds = (performance.now() - begin) / 1000;
  return { operations: chunks, seconds, rate: chunks / seconds };
}

/** A function of its own, called often: a loop that never returns is compiled while it runs, and worse. */
function repeat(operation) {
  for (let at = 0; at < batch; at++) operation();
}

function forAWhile(operation) {
  return ({ durationMs }) => {
    const begin = performance.now();
    const end = begin + durationMs;
    let operations = 0;
    for (; performance.now() < end; operations += batch) repeat(operation);
    const seconds = (performance.now() - begin) / 1000;
    return { operations, seconds, rate: operations / seconds, sink };
  };
}
