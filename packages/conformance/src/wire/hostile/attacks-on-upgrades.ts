import { deflateRawSync } from "node:zlib";
import { admitted, bearer, masked, upgradeHead } from "../raw-upgrade.js";
import { newSid } from "../server-rig.js";
import { type Attack, inParallel } from "./attack.js";
import { Attacker, type Ending } from "./attacker.js";

const atATime = 64;
const dripEveryMs = 10;

/** Sends a text byte by byte until the server has had enough. */
async function drip(port: number, begin: string, text: string): Promise<Ending> {
  const attacker = new Attacker(port);
  attacker.socket.write(begin);
  let sent = 0;
  const dripping = setInterval(() => {
    if (attacker.over) clearInterval(dripping);
    else attacker.socket.write(text[sent++ % text.length]!);
  }, dripEveryMs);
  const ending = await attacker.ended;
  clearInterval(dripping);
  return ending;
}

const request = (lines: string, body = ""): string => `${upgradeHead(admitted()).trimEnd()}\r\n${lines}\r\n\r\n${body}`;

/** Requests of which a proxy in front and a careless server may have different opinions. */
const ambiguous: readonly (() => string)[] = [
  () => request("Content-Length: 0\r\nContent-Length: 200", upgradeHead(admitted())),
  () => request("Content-Length: 4\r\nTransfer-Encoding: chunked", `0\r\n\r\n${upgradeHead(admitted())}`),
  () => request("Transfer-Encoding : chunked", `0\r\n\r\n${upgradeHead(admitted())}`),
  () => request("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", `0\r\n\r\n${upgradeHead(admitted())}`),
  () => request("X: y\r\n Content-Length: 4", upgradeHead(admitted())),
  () => request("Content-Length: +4", upgradeHead(admitted())),
  () => request("Content-Length: 0x10", upgradeHead(admitted())),
  () => request("X: a\nX-Hidden: b", upgradeHead(admitted())),
];

export const attacksOnUpgrades: readonly Attack[] = [
  {
    does: "sends its requests byte by byte",
    strength: { test: 20, long: 500 },
    patience: { upgradeTimeoutMs: 300 },
    endings: ["HTTP 408", "cut"],
    run: ({ port }, strength) => inParallel(strength, strength, () => drip(port, "GET / HTTP/1.1\r\nX-Slow: ", "a")),
  },
  {
    does: "announces a body and sends it byte by byte",
    strength: { test: 20, long: 500 },
    patience: { upgradeTimeoutMs: 300 },
    endings: ["HTTP 426", "HTTP 408", "cut"],
    run: ({ port }, strength) =>
      inParallel(strength, strength, () =>
        drip(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n", "a"),
      ),
  },
  {
    does: "opens connections and says nothing",
    // No more than the kernel lets wait to be accepted: of others who say nothing neither end ever hears again.
    strength: { test: 50, long: 400 },
    patience: { upgradeTimeoutMs: 300 },
    endings: ["HTTP 408", "cut"],
    run: ({ port }, strength) => inParallel(strength, strength, () => new Attacker(port).ended),
  },
  {
    does: "guesses tokens",
    strength: { test: 200, long: 20_000 },
    endings: ["HTTP 401"],
    run: ({ port }, strength) =>
      inParallel(strength, atATime, async (index) => {
        const head = upgradeHead(`/?authorization=Bearer%20${index}&x-camp-sid=${newSid()}`);
        return (await Attacker.asking(port, head)).ended;
      }),
  },
  {
    does: "asks for the id of somebody else's session, again and again",
    strength: { test: 100, long: 10_000 },
    endings: ["HTTP 409"],
    run: ({ port, liveSid }, strength) =>
      inParallel(strength, atATime, async () => (await Attacker.asking(port, upgradeHead(admitted(liveSid)))).ended),
  },
  {
    does: "has several connections race for one id",
    strength: { test: 20, long: 1000 },
    endings: ["one wins"],
    run: ({ port }, strength) =>
      inParallel(strength, 8, async () => {
        const head = upgradeHead(admitted(newSid()));
        const racers = await Promise.all(Array.from({ length: 6 }, () => Attacker.asking(port, head)));
        const winners = racers.filter((racer) => racer.head.startsWith("HTTP/1.1 101"));
        const endings = await Promise.all(
          racers.map((racer) => (winners.includes(racer) ? racer.leave() : racer.ended)),
        );
        const losers = endings.filter((ending) => ending === "HTTP 409");
        return winners.length === 1 && losers.length === 5 ? "one wins" : endings.join(", ");
      }),
  },
  {
    does: "hides a request in another",
    strength: { test: 2 * ambiguous.length, long: 4000 },
    endings: ["HTTP 400", "closed 1002", "cut"],
    run: ({ port }, strength) =>
      inParallel(strength, atATime, async (index) => {
        const attacker = new Attacker(port);
        await attacker.write(ambiguous[index % ambiguous.length]!());
        return attacker.ended;
      }),
  },
  {
    does: "offers compression and sends bombs",
    strength: { test: 20, long: 1000 },
    endings: ["closed 1002"],
    run: async ({ port }, strength) => {
      const bomb = masked(deflateRawSync(Buffer.alloc(16 * 1_048_576)), 0xc2);
      const offer = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits=15" };
      return inParallel(strength, atATime, async () => {
        const attacker = await Attacker.asking(port, upgradeHead(admitted(), offer));
        if (/sec-websocket-extensions/i.test(attacker.head)) return "compression was accepted";
        attacker.socket.write(bomb);
        return attacker.ended;
      });
    },
  },
  {
    does: "connects and vanishes",
    strength: { test: 300, long: 20_000 },
    endings: ["left"],
    run: ({ port }, strength) =>
      inParallel(strength, atATime, async (index) => {
        if (index % 3 === 0) return new Attacker(port).leave();
        const attacker = await Attacker.asking(port, upgradeHead(`/?${bearer}&x-camp-sid=${newSid()}`));
        return attacker.leave();
      }),
  },
];
