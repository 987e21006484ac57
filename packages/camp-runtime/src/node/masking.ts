import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Mask } from "./plain-frame.js";

/** When a client masks its frames with a random key: see the option `masking`. */
export type Masking = "auto" | "always";

/**
 * What a client does with its frames on this connection.
 *
 * A client's frames carry a masking key (RFC 6455, section 5.3), so that nobody who chooses what a client sends can make it look
 * like an HTTP request to a proxy on the way (section 10.3). That needs a proxy that reads the bytes. Within TLS none does, and to
 * this very machine there is none: there the key is 0, a key like any other to the receiver, and no byte needs to be touched.
 */
export function maskFor(masking: Masking, socket: Socket): Mask {
  return masking === "auto" && (socket instanceof TLSSocket || isLoopback(socket.remoteAddress))
    ? "zero key"
    : "random key";
}

/** Whether an address, as sockets give it, is one of this machine alone. */
function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::ffff:)?127\.|^::1$/.test(address);
}
