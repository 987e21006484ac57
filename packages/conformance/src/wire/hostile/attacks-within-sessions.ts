import { Frames } from "../frames.js";
import { admitted, lengthHead, masked, upgradeHead } from "../raw-upgrade.js";
import { newSid } from "../server-rig.js";
import { type Attack, inParallel } from "./attack.js";
import { Attacker, type Ending } from "./attacker.js";

/** Frames that are handed to the socket at once. */
const batchFrames = 500;
/** How a server ends sessions that go on for too long with what they may not. */
const limited: readonly Ending[] = ["left", "closed 4001", "closed 4002", "cut"];

interface FloodOptions {
  readonly reads?: boolean;
  /** Goes when it has sent everything, else waits until the server has had enough. */
  readonly leaves?: boolean;
  readonly firstByte?: number;
}

const sessions = 4;

/** Sends many frames over some sessions, each as fast as the server takes them, and leaves. */
function flood(
  frame: (make: Frames, index: number) => Buffer,
  { reads = true, leaves = true, firstByte = 0x82 }: FloodOptions = {},
): Attack["run"] {
  return ({ port }, strength) =>
    inParallel(sessions, sessions, async () => {
      const make = new Frames(newSid());
      const attacker = await Attacker.admitted(port, make);
      if (!reads) attacker.socket.pause();
      for (let sent = 0; sent < strength / sessions && !attacker.over; sent += batchFrames) {
        const batch = Array.from({ length: batchFrames }, (_, index) => masked(frame(make, sent + index), firstByte));
        await attacker.write(Buffer.concat(batch));
        await new Promise(setImmediate);
      }
      return leaves ? attacker.leave() : attacker.ended;
    });
}

export const attacksWithinSessions: readonly Attack[] = [
  {
    does: "upgrades and never introduces itself",
    strength: { test: 50, long: 1000 },
    patience: { handshakeTimeoutMs: 300 },
    endings: ["closed 4001"],
    run: ({ port }, strength) =>
      inParallel(strength, strength, async () => (await Attacker.asking(port, upgradeHead(admitted()))).ended),
  },
  {
    does: "announces a mebibyte and sends it byte by byte",
    strength: { test: 20, long: 500 },
    patience: { handshakeTimeoutMs: 300 },
    endings: ["closed 4001"],
    run: ({ port }, strength) =>
      inParallel(strength, strength, async () => {
        const attacker = await Attacker.asking(port, upgradeHead(admitted()));
        attacker.socket.write(Buffer.concat([lengthHead(1_048_576), Buffer.alloc(4)]));
        const dripping = setInterval(() => attacker.over || attacker.socket.write("a"), 10);
        const ending = await attacker.ended;
        clearInterval(dripping);
        return ending;
      }),
  },
  {
    does: "sends a message in fragments of one byte",
    strength: { test: 10, long: 200 },
    endings: ["closed 1008"],
    run: ({ port }, strength) =>
      inParallel(strength, 8, async () => {
        const attacker = await Attacker.admitted(port, new Frames(newSid()));
        attacker.socket.write(masked(Buffer.of(0), 0x02));
        const fragments = Buffer.concat(Array.from({ length: 1000 }, () => masked(Buffer.of(0), 0x00)));
        while (!attacker.over) await attacker.write(fragments);
        return attacker.ended;
      }),
  },
  {
    does: "does not read what it provokes",
    strength: { test: 20_000, long: 1_000_000 },
    endings: limited,
    run: flood((make) => make.utf8(7, "x".repeat(200)), { reads: false }),
  },
  {
    does: "acknowledges nothing",
    strength: { test: 20_000, long: 500_000 },
    endings: limited,
    run: flood((make, index) => make.utf8(index, "an echo, please")),
  },
  {
    does: "acknowledges what was never sent",
    strength: { test: 50_000, long: 2_000_000 },
    endings: limited,
    run: flood((make, index) => make.ack((index * 65_537) >>> 0)),
  },
  {
    does: "sends pings",
    strength: { test: 20_000, long: 2_000_000 },
    endings: limited,
    run: flood((make) => make.ping()),
  },
  {
    does: "sends WebSocket pings whose answers it does not read",
    strength: { test: 50_000, long: 1_000_000 },
    endings: limited,
    run: flood(() => Buffer.alloc(125), { firstByte: 0x89, reads: false }),
  },
  {
    does: "opens streams",
    strength: { test: 10_000, long: 200_000 },
    endings: limited,
    run: flood((make, index) => make.start(index, index, -1n, 0, `s${index}`)),
  },
  {
    does: "gives streams the longest names there are",
    strength: { test: 5000, long: 100_000 },
    endings: limited,
    run: flood((make, index) => make.start(index, index, -1n, 0, "n".repeat(1024))),
  },
  {
    does: "gives a stream a name that is too long",
    strength: { test: 2000, long: 2000 },
    endings: ["closed 4001", "cut"],
    run: flood((make, index) => make.start(index, index, -1n, 0, "n".repeat(1025)), { leaves: false }),
  },
  {
    does: "has the same bytes sent to it again and again",
    strength: { test: 2000, long: 100_000 },
    endings: limited,
    run: flood((make, index) => make.fetch(index, 0, 0n, 1_048_575n)),
  },
];
