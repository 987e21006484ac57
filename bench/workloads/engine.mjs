import { Child } from "../lib/child.mjs";

function system(action) {
  return async ({ quick, profileTo }) => {
    const child = await Child.start("engine");
    try {
      const durationMs = quick ? 600 : 2000;
      await child.call(action, { durationMs: 800 });
      await child.call("beginMeasuring", { profileTo: profileTo && `${profileTo}-server.cpuprofile` });
      const result = await child.call(action, { durationMs });
      const { cpuSeconds } = await child.call("endMeasuring");
      return { ...result, micros: (cpuSeconds * 1e6) / result.operations };
    } finally {
      await child.stop();
    }
  };
}

export const engine = {
  name: "engine",
  title: "Codec alone, and two engines in one process without sockets",
  rounds: { full: 3, quick: 2 },
  systems: {
    "encode 64 B": system("encode"),
    "decode 64 B": system("decodeOnly"),
    "encode + decode 64 B": system("encodeAndDecode"),
    "encode + decode ACK": system("encodeAndDecodeAck"),
    "encode + decode 64 characters": system("encodeAndDecodeText"),
    "two engines, acknowledged 64 B, window 256": system("messages"),
    "two engines, push of 64 KiB chunks": system("push"),
  },
  metrics: {
    rate: { label: "operations/s", digits: 0 },
    micros: { label: "CPU µs each", digits: 3 },
  },
  goals: [{ metric: "rate", of: "encode + decode 64 B", atLeast: 5_000_000 }],
};
