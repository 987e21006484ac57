import { type MockClock, platformClock, timeOf } from "./clock.js";
import { calmNetwork, type NetworkConditions, SimulatedEnd, type Time } from "./network/index.js";
import { type Connected, type Dialler, MockSocket, type Refusal } from "./socket.js";

/** What a network is made with. */
export interface MockNetworkOptions {
  /** The global timers by default; a `VirtualTime` makes its tests instant and exact. */
  readonly clock?: MockClock;
  /** How its connections behave: by default 1 ms each way, whatever the size, and no faults. */
  readonly conditions?: Partial<NetworkConditions>;
}

/** Whoever listens at a URL. */
export interface Listening {
  /** The subprotocol it chooses of those offered; none by default. */
  readonly protocol?: (offered: readonly string[]) => string | undefined;
  /**
   * Whether a connection to this URL, with its query, is refused, and with which status; none is by default. A page hears of an
   * `error` and a `close` with 1006, whatever the status; in the style of `ws` there is `unexpected-response`.
   */
  readonly refusal?: (url: URL) => Refusal | null | undefined;
  /** A socket was accepted: the server's end, open already. */
  readonly connection: (socket: MockSocket) => void;
}

/** A network of one's own: what is made with its `WebSocket` reaches whoever listens here, and nobody else. */
export class MockNetwork {
  /** How its connections behave from now on, those that stand included. */
  readonly conditions: NetworkConditions;
  /** In place of the global `WebSocket`. */
  readonly WebSocket: new (
    url: string | URL,
    protocols?: string | readonly string[],
  ) => MockSocket;
  readonly #time: Time;
  readonly #listening = new Map<string, Listening>();
  readonly #ends = new Set<SimulatedEnd>();

  constructor({ clock = platformClock, conditions = {} }: MockNetworkOptions = {}) {
    this.#time = timeOf(clock);
    this.conditions = { ...calmNetwork, bytesPerMs: Number.POSITIVE_INFINITY, ...conditions };
    const dialler: Dialler = { dial: (url, protocols, answer) => this.#dial(url, protocols, answer) };
    this.WebSocket = class WebSocket extends MockSocket {
      constructor(url: string | URL, protocols: string | readonly string[] = []) {
        super(dialler, url, protocols);
      }
    };
  }

  /** Accepts the connections to a URL, whatever its query; others are refused. Returns what ends it. */
  listen(url: string | URL, listening: Listening | Listening["connection"]): () => void {
    const key = keyOf(new URL(url));
    this.#listening.set(key, typeof listening === "function" ? { connection: listening } : listening);
    return () => {
      this.#listening.delete(key);
    };
  }

  /** Two sockets that are connected with each other and open from the start: they have no `open` event any more. */
  pair(url: string | URL = "ws://localhost/"): [MockSocket, MockSocket] {
    const [near, far] = this.#connect();
    const target = new URL(url);
    return [
      MockSocket.accepted({ end: near, protocol: "" }, target),
      MockSocket.accepted({ end: far, protocol: "" }, target),
    ];
  }

  /** Every connection breaks. `half` leaves the servers' ends without news. */
  cut({ half = false }: { readonly half?: boolean } = {}): void {
    for (const end of this.#ends) end.cut(true, !half);
    this.#ends.clear();
  }

  #dial(url: URL, protocols: readonly string[], answer: (answered: Connected | Refusal | null) => void): () => void {
    let cancel = this.#time.after(this.conditions.latencyMs, () => {
      const answered = this.#accept(url, protocols);
      cancel = this.#time.after(this.conditions.latencyMs, () => answer(answered));
    });
    return () => cancel();
  }

  #accept(url: URL, offered: readonly string[]): Connected | Refusal | null {
    const listening = this.#listening.get(keyOf(url));
    if (listening === undefined) return null;
    const refusal = listening.refusal?.(url);
    if (refusal) return checkedRefusal(refusal);
    const protocol = listening.protocol?.(offered) ?? "";
    const [near, far] = this.#connect();
    listening.connection(MockSocket.accepted({ end: far, protocol }, url));
    return { end: near, protocol };
  }

  #connect(): [SimulatedEnd, SimulatedEnd] {
    const ends = SimulatedEnd.pair(this.#time, this.conditions);
    this.#ends.add(ends[0]);
    return ends;
  }
}

function checkedRefusal(refusal: Refusal): Refusal {
  const { status } = refusal;
  if (Number.isInteger(status) && status >= 200 && status <= 599) return refusal;
  throw new RangeError(`a refusal has a status from 200 to 599, not ${String(status)}`);
}

function keyOf({ host, pathname }: URL): string {
  return host + pathname;
}
