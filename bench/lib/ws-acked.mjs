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

export function numberOf(frame) {
  return frame.readUInt32BE(numberAt);
}

/** `ws.send`, with the frames of one turn of the event loop in one write. */
export function corked(ws, socket) {
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
