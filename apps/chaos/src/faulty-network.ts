import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Faults so far, by kind. */
export interface FaultCounts {
  cuts: number;
  stalls: number;
  throttles: number;
  truncations: number;
}

/** One connection through the network: two sockets, and bytes that pass from each to the other. */
class Passage {
  readonly #near: Socket;
  readonly #far: Socket;
  /** Bytes that each direction may still forward before the passage breaks in the middle of them. */
  #left = Number.POSITIVE_INFINITY;
  #heldUp = false;

  constructor(near: Socket, far: Socket, over: () => void) {
    this.#near = near;
    this.#far = far;
    this.#forward(near, far);
    this.#forward(far, near);
    near.once("close", over);
  }

  /** Both ends see the connection break, and what was under way is lost. */
  cut(): void {
    this.#near.resetAndDestroy();
    this.#far.resetAndDestroy();
  }

  /** Nothing gets through for a while, but nobody is told. */
  stall(ms: number): void {
    this.#hold();
    setTimeout(() => this.#release(), ms).unref();
  }

  /** Bytes come in drops for a while. */
  throttle(ms: number): void {
    const drip = setInterval(() => {
      if (this.#heldUp) this.#release();
      else this.#hold();
    }, 10).unref();
    setTimeout(() => {
      clearInterval(drip);
      this.#release();
    }, ms).unref();
  }

  /** The connection breaks after so many more bytes, most likely inside a frame. */
  truncateAfter(bytes: number): void {
    this.#left = bytes;
  }

  #hold(): void {
    this.#heldUp = true;
    this.#near.pause();
    this.#far.pause();
  }

  #release(): void {
    this.#heldUp = false;
    this.#near.resume();
    this.#far.resume();
  }

  #forward(from: Socket, to: Socket): void {
    from.on("error", () => undefined);
    from.on("data", (bytes: Buffer) => {
      const part = bytes.subarray(0, this.#left);
      this.#left -= part.byteLength;
      if (this.#left === 0) to.write(part, () => this.cut());
      else if (!to.write(part)) {
        from.pause();
        to.once("drain", () => this.#heldUp || from.resume());
      }
    });
    from.once("close", () => to.destroy());
  }
}

/** A TCP proxy between a client and a server, with faults to order. */
export class FaultyNetwork {
  readonly counts: FaultCounts = { cuts: 0, stalls: 0, throttles: 0, truncations: 0 };
  /** Asked for each new connection: how many bytes get through before it breaks. */
  bytesBeforeCut: () => number = () => Number.POSITIVE_INFINITY;
  readonly #server: Server;
  readonly #passages = new Set<Passage>();
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** A way to the server on this port of 127.0.0.1. */
  static async open(toPort: number): Promise<FaultyNetwork> {
    const server = createServer({ pauseOnConnect: false });
    const network = new FaultyNetwork(server);
    server.on("connection", (near) => network.#connect(near, toPort));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return network;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    for (const passage of this.#passages) {
      this.counts.cuts++;
      passage.cut();
    }
  }

  stall(ms: number): void {
    for (const passage of this.#passages) {
      this.counts.stalls++;
      passage.stall(ms);
    }
  }

  throttle(ms: number): void {
    for (const passage of this.#passages) {
      this.counts.throttles++;
      passage.throttle(ms);
    }
  }

  truncateAfter(bytes: number): void {
    for (const passage of this.#passages) {
      this.counts.truncations++;
      passage.truncateAfter(bytes);
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #connect(near: Socket, toPort: number): void {
    const far = connect({ port: toPort, host: "127.0.0.1", noDelay: true });
    near.setNoDelay(true);
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    }
    const passage = new Passage(near, far, () => this.#passages.delete(passage));
    this.#passages.add(passage);
    passage.truncateAfter(this.bytesBeforeCut());
  }
}
