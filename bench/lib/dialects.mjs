// As much of each protocol, by hand, as opens a session and keeps it alive.

const camp = { endpointInfo: 255, ack: 253, pingPong: 251, typeAt: 8, bodyAt: 9 };
const cryo = { pingPong: 2, typeAt: 20, bodyAt: 21 };

function campFrame(id, type, bytes) {
  const frame = Buffer.alloc(bytes);
  frame.writeBigUInt64BE(BigInt(id), 0);
  frame[camp.typeAt] = type;
  return frame;
}

/** Number 0, version 1, transactions and stream control. */
function endpointInfo(id) {
  const frame = campFrame(id, camp.endpointInfo, 25);
  frame.writeUInt32BE(1, 13);
  frame.writeBigUInt64BE((1n << 32n) | 1n, 17);
  return frame;
}

function campPong(id) {
  const frame = campFrame(id, camp.pingPong, 13);
  frame.write("pong", camp.bodyAt, "latin1");
  return frame;
}

function cryoPong(ping) {
  const frame = Buffer.from(ping);
  frame.write("pong", cryo.bodyAt, "latin1");
  return frame;
}

/** The session id of number `id` as Cryo writes it. */
function uuidOf(id) {
  return `00000000-0000-4000-8000-${id.toString(16).padStart(12, "0")}`;
}

/** An MQTT 3.1.1 CONNECT with a clean session and no keep-alive. */
function mqttConnect(id) {
  const name = Buffer.from(`c${id}`);
  const variable = Buffer.from([0, 4, 77, 81, 84, 84, 4, 2, 0, 0, 0, name.length]);
  return Buffer.concat([Buffer.from([0x10, variable.length + name.length]), variable, name]);
}

/**
 * Of each protocol: the path and subprotocol of its upgrade, what is said first, and what is made of an incoming message:
 * `open` once the session runs, `beat` for a ping, and the answer that is owed.
 */
export const dialects = {
  ws: { path: () => "/" },
  camp: {
    path: (id) => `/?authorization=Bearer%20x&x-camp-sid=${id}`,
    protocols: "camp",
    receive(frame, id) {
      switch (frame[camp.typeAt]) {
        case camp.endpointInfo:
          return { answers: [endpointInfo(id), campFrame(id, camp.ack, 13)] };
        case camp.ack:
          return { opened: true };
        case camp.pingPong:
          return { beat: true, answers: [campPong(id)] };
        default:
          return {};
      }
    },
  },
  cryo: {
    path: (id) => `/?authorization=Bearer%20x&x-cryo-sid=${uuidOf(id)}`,
    protocols: "cryo",
    opensAtOnce: true,
    receive: (frame) => (frame[cryo.typeAt] === cryo.pingPong ? { beat: true, answers: [cryoPong(frame)] } : {}),
  },
  socketio: {
    path: () => "/socket.io/?EIO=4&transport=websocket",
    receive(message) {
      const text = message.toString("latin1");
      if (text.startsWith("0")) return { answers: ["40"] };
      if (text.startsWith("40")) return { opened: true };
      return text === "2" ? { beat: true, answers: ["3"] } : {};
    },
  },
  mqtt: {
    path: () => "/",
    protocols: "mqtt",
    greeting: mqttConnect,
    receive: (packet) => ({ opened: packet[0] >> 4 === 2 }),
  },
};
