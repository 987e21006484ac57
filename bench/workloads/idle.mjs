import { Pair } from "../lib/pair.mjs";

/** So many that what the process as a whole grew by while they connected, such as the young generation, weighs little. */
const sessions = { full: 9000, quick: 2000 };
const warmUpSessions = 1000;

function system(server, dialect) {
  return async ({ quick }) =>
    Pair.with({ server, client: "bare-clients" }, async (pair) => {
      const { port } = await pair.server.call("start");
      const count = quick ? sessions.quick : sessions.full;
      // Code that has run and tables that have grown are the server's, not the sessions'.
      await pair.client.call("open", { port, count: warmUpSessions, dialect });
      const before = await pair.server.call("memory");
      const { sessions: running } = await pair.server.call("counts");
      await pair.client.call("open", { port, count: warmUpSessions + count, dialect });
      const after = await pair.server.call("memory");
      const { sessions: then } = await pair.server.call("counts");
      if (then - running !== count) throw new Error(`${then - running} of ${count} sessions run`);
      const perSession = (of) => (of(after) - of(before)) / count / 1024;
      return {
        heapKib: perSession(({ heapUsed }) => heapUsed),
        externalKib: perSession(({ external }) => external),
        memoryKib: perSession(({ heapUsed, external }) => heapUsed + external),
        rssKib: perSession(({ rss }) => rss),
      };
    });
}

export const idle = {
  name: "idle",
  title: `Memory of the server per idle session, at ${warmUpSessions + sessions.full} sessions (--quick: ${warmUpSessions + sessions.quick})`,
  rounds: { full: 2, quick: 2 },
  systems: {
    ws: system("ws-server", "ws"),
    camp: system("camp-server", "camp"),
    cryo: system("cryo-server", "cryo"),
    "socket.io": system("socketio-server", "socketio"),
    MQTT: system("mqtt-server", "mqtt"),
  },
  metrics: {
    heapKib: { label: "heap KiB", digits: 2 },
    externalKib: { label: "external KiB", digits: 2 },
    memoryKib: { label: "heap + external KiB", digits: 2 },
    rssKib: { label: "RSS KiB", digits: 2, chart: "bars" },
  },
  goals: [
    { metric: "memoryKib", of: "camp", above: "ws", atMost: 4 },
    { metric: "rssKib", of: "camp", above: "ws", atMost: 4 },
  ],
};
