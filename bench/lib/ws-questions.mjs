/**
 * Small questions over a bare WebSocket, each answered at once, while other messages pass on it.
 *
 * @param {import("ws").WebSocket} ws
 * @param {(data: Buffer, isBinary: boolean) => void} otherwise gets all other messages
 * @returns {() => Promise<void>} asks one question; resolves with its answer
 */
export function askAndAnswer(ws, otherwise) {
  const question = `?${"x".repeat(63)}`;
  const answer = `!${"x".repeat(63)}`;
  const waiting = [];
  ws.on("message", (data, isBinary) => {
    if (isBinary) otherwise(data, isBinary);
    else if (data[0] === 0x3f) ws.send(answer);
    else if (data[0] === 0x21) waiting.shift()();
    else otherwise(data, isBinary);
  });
  return () =>
    new Promise((answered) => {
      waiting.push(answered);
      ws.send(question);
    });
}
