import { createHash } from "node:crypto";
import { BlockList, isIPv6, type Socket } from "node:net";
import { Tally } from "./tally.js";

export interface QuotaConfig {
  /** Undefined: a default that spares private addresses, since behind those are proxies. */
  readonly maxSessionsPerAddress: number | undefined;
  readonly maxSessionsPerToken: number;
}

/** How much of a server one address and one token may take. Tokens are told apart by their hash; none is kept. */
export class Quotas {
  readonly #config: QuotaConfig;
  readonly #byAddress = new Tally();
  readonly #byToken = new Tally();

  constructor(config: QuotaConfig) {
    this.#config = config;
  }

  isAddressFull(address: string | undefined): boolean {
    const { maxSessionsPerAddress } = this.#config;
    const count = this.#byAddress.of(addressKey(address));
    if (maxSessionsPerAddress !== undefined) return count >= maxSessionsPerAddress;
    return count >= publicAddressMax && !isPrivate(address);
  }

  /** Counts an upgrade, and the session that it may become. */
  enter(address: string | undefined): Place {
    return new Place(this.#byAddress, addressKey(address));
  }

  isTokenFull(token: string): boolean {
    const { maxSessionsPerToken } = this.#config;
    return maxSessionsPerToken < Number.MAX_SAFE_INTEGER && this.#byToken.of(hash(token)) >= maxSessionsPerToken;
  }

  /** The session in this place is one of this token, of which nobody remembers more than the hash. */
  use(place: Place, token: string): void {
    if (this.#config.maxSessionsPerToken < Number.MAX_SAFE_INTEGER) place.countIn(this.#byToken, hash(token));
  }
}

/** What one upgrade takes of the quotas, until it leaves. */
export class Place {
  readonly #byAddress: Tally;
  readonly #address: string;
  #byToken: Tally | null = null;
  #token = "";

  constructor(byAddress: Tally, address: string) {
    this.#byAddress = byAddress;
    this.#address = address;
    byAddress.add(address);
  }

  countIn(byToken: Tally, token: string): void {
    this.#byToken = byToken;
    this.#token = token;
    byToken.add(token);
  }

  /** The place is free when the socket closes. Listening here keeps nothing of the request, which knows the token, in memory. */
  leaveWith(socket: Socket): void {
    socket.on("close", () => this.leave());
  }

  /** To be called once. */
  leave(): void {
    this.#byAddress.remove(this.#address);
    this.#byToken?.remove(this.#token);
  }
}

/** Sessions from one public address, which may be that of a large office, unless the option says otherwise. */
const publicAddressMax = 1000;

const privateAddresses = new BlockList();
for (const [net, prefix] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  privateAddresses.addSubnet(net, prefix, "ipv4");
}
privateAddresses.addAddress("::1", "ipv6");
privateAddresses.addSubnet("fc00::", 7, "ipv6");
privateAddresses.addSubnet("fe80::", 10, "ipv6");

function isPrivate(address = ""): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").split("%")[0]!;
  return plain === "" || privateAddresses.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
}

/** An IPv6 client usually has a whole /64 to itself, so that is what counts as its address. */
function addressKey(address = ""): string {
  if (!address.includes(":") || address.includes(".")) return address.replace(/^::ffff:/i, "");
  const [head = "", tail] = address.split("%")[0]!.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const middle = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return [...left, ...middle, ...right].slice(0, 4).join(":").toLowerCase();
}

function hash(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
