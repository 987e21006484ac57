const headerBytes = 13;
const numberAt = 9;

export function messageOf(payload, number) {
  const frame = Buffer.allocUnsafe(headerBytes + payload.length);
  frame.fill(0, 0, numberAt);
  frame.writeUInt32BE(number, numberAt);
  frame.set(payload, headerBytes);
  return frame;
}

export function ackOf(message) {
  const frame = Buffer.allocUnsafe(headerBytes);
  message.copy(frame, 0, 0, headerBytes);
  return frame;
}

export function payloadOf(message) {
  return message.subarray(headerBytes);
}

/** One end of a connection on which every message has a number and is acknowledged. */
export class AckedEnd {
  #waiting = new Map();
  #next = 0;
  #send;

  /**
   * @param {import("ws").WebSocket} ws
   * @param {import("node:net").Socket} socket
   * @param {{corked: boolean, received?: (payload: Buffer) => void}} options
   */
  constructor(ws, socket, { corked, received = () => {} }) {
    this.#send = corked ? corkedSend(ws, socket) : (frame) => ws.send(frame);
    ws.on("message", (frame) => {
      if (frame.length > headerBytes) {
        this.#send(ackOf(frame));
        received(payloadOf(frame));
        return;
      }
      const number = frame.readUInt32BE(numberAt);
      this.#waiting.get(number)?.();
      this.#waiting.delete(number);
    });
  }

  /** Resolves when the message is acknowledged. */
  send(payload) {
    return new Promise((acknowledged) => {
      this.#waiting.set(this.#next, acknowledged);
      this.#send(messageOf(payload, this.#next++));
    });
  }
}

/** `ws.send`, with the frames of one turn of the event loop in one write. */
function corkedSend(ws, socket) {
  let isCorked = false;
  const uncork = () => {
    isCorked = false;
    socket.uncork();
  };
  return (frame) => {
    if (!isCorked) {
      isCorked = true;
      socket.cork();
      process.nextTick(uncork);
    }
    ws.send(frame);
  };
}
