// The client's end of `sealed-server.mjs`.

import { once } from "node:events";
import { connect as connectTo } from "node:net";
import { someBytes } from "../lib/bulk.mjs";
import { keysOf, SealedEnd } from "../lib/sealed-end.mjs";
import { keepInFlight } from "../lib/window.mjs";

let end;

export async function connect({ port }) {
  const socket = connectTo({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  end = new SealedEnd(socket, keysOf("client"));
}

/** Acknowledged messages, so many in flight. */
export function messages({ bytes, size, durationMs }) {
  const payload = someBytes(bytes);
  return keepInFlight({ size, durationMs }, [() => end.send(payload)]);
}
