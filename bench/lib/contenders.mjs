/** The servers and clients that are compared: what users would take instead of ours, each at its best documented settings. */
export const contenders = {
  "ws echo": { server: "ws-server", client: "ws-client" },
  "ws + header + ack": { server: "ws-acked-server", client: "ws-acked-client" },
  "ws + header + ack, corked": {
    server: "ws-acked-server",
    client: "ws-acked-client",
    options: { corked: true },
  },
  camp: { server: "camp-server", client: "camp-client" },
  cryo: { server: "cryo-server", client: "cryo-client" },
  "cryo + CALE": { server: "cryo-server", client: "cryo-client", options: { use_cale: true } },
  "socket.io": { server: "socketio-server", client: "socketio-client" },
  "MQTT QoS 1": { server: "mqtt-server", client: "mqtt-client" },
};

/** Systems of a workload, each made from one of the contenders. */
export function systemsOf(names, systemFor) {
  return Object.fromEntries(names.map((name) => [name, systemFor(contenders[name])]));
}
