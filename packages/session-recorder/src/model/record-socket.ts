import type { EndRecorder } from "./end-recorder.js";
import type { Recorder } from "./recorder.js";

/** What is watched of a WebSocket. Those of browsers, of `ws` and of `mock-websocket` have it. */
export interface WatchedSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  addEventListener(type: "open" | "message" | "error" | "close", listener: (event: SocketEvent) => void): void;
  send(...args: never[]): void;
}

/** What is read of the events of a WebSocket. */
export interface SocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
}

/** Which end a socket is, and what its row is called by. */
export interface SocketName {
  readonly role: "client" | "server";
  /** As the id of a session: the last four characters are kept. */
  readonly id: string;
}

const states = ["connecting", "open", "closing", "closed"] as const;
const open = 1;
const encoder = new TextEncoder();

/**
 * Records a WebSocket that carries no session, real or mock: its messages with their sizes, and its end. Its row has the dialect
 * "websocket". What it sends is seen in place of its `send`, until the function that is returned puts that back.
 *
 * @returns ends it
 */
export function recordSocket(recorder: Recorder, socket: WatchedSocket, { role, id }: SocketName): () => void {
  const stats = { framesRx: 0, framesTx: 0, bytesRx: 0, bytesTx: 0, queuedBytes: 0 };
  const end = {
    ...{ role, dialect: "websocket", stats },
    get state() {
      return states[socket.readyState] ?? "unknown";
    },
  };
  const row = recorder.watch(end, id);
  if (row === null) return () => {};
  const passing = (direction: "in" | "out", data: unknown): void => {
    const content = contentOf(data);
    if (direction === "in") stats.framesRx++;
    else stats.framesTx++;
    if (direction === "in") stats.bytesRx += content.bytes;
    else stats.bytesTx += content.bytes;
    stats.queuedBytes = socket.bufferedAmount;
    const description = `${typeof data === "string" ? "text" : "binary"} payload=${content.bytes}B`;
    row.frame({ direction, description, bytes: content.bytes, content: content.read });
  };
  const watching = { on: true };
  listen(socket, row, (data) => passing("in", data), watching);
  const restore = watchSending(socket, (data) => passing("out", data));
  return () => {
    watching.on = false;
    restore();
  };
}

function listen(
  socket: WatchedSocket,
  row: EndRecorder,
  message: (data: unknown) => void,
  watching: { readonly on: boolean },
): void {
  const opened = (): void => {
    row.event("attached");
    row.event("connected");
  };
  if (socket.readyState === open) opened();
  else socket.addEventListener("open", () => watching.on && opened());
  socket.addEventListener("message", ({ data }) => watching.on && message(data));
  socket.addEventListener("error", () => watching.on && row.event("error", { reason: "the socket failed" }));
  socket.addEventListener("close", ({ code, reason }) => watching.on && row.event("closed", { code, reason }));
}

/** Sees what a socket sends, after it was taken. */
function watchSending(socket: WatchedSocket, sent: (data: unknown) => void): () => void {
  const own = Object.getOwnPropertyDescriptor(socket, "send");
  const { send } = socket;
  const value = (...args: never[]): void => {
    send.apply(socket, args);
    if (socket.readyState === open) sent(args[0]);
  };
  Object.defineProperty(socket, "send", { value, configurable: true, writable: true });
  return () => {
    if (own === undefined) delete (socket as { send?: unknown }).send;
    else Object.defineProperty(socket, "send", own);
  };
}

interface Content {
  readonly bytes: number;
  /** The bytes, where they can be had at once. */
  read(): Uint8Array;
}

function contentOf(data: unknown): Content {
  if (ArrayBuffer.isView(data)) {
    const view = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { bytes: data.byteLength, read: () => view };
  }
  if (data instanceof ArrayBuffer) return { bytes: data.byteLength, read: () => new Uint8Array(data) };
  const size = typeof data === "object" && data !== null ? (data as { size?: unknown }).size : undefined;
  if (typeof size === "number") return { bytes: size, read: () => new Uint8Array() };
  const bytes = encoder.encode(String(data));
  return { bytes: bytes.byteLength, read: () => bytes };
}
