import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";

/** An HTTP answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A complete handshake request for `target`; headers given replace those that are there, undefined leaves one out. */
export function upgradeRequest(target: string, headers: Readonly<Record<string, string | undefined>> = {}): string {
  const all = {
    Host: "127.0.0.1",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== undefined);
  return `GET ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

/** Opens a TCP connection and sends `request`. Shared by the tests of this folder; contains none itself. */
export async function send(port: number, request: string | Uint8Array): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  socket.write(request);
  return socket;
}

/** All that the server says until it closes the connection. */
export async function answerOf(socket: Socket): Promise<RawAnswer> {
  return parseAnswer(await text(socket));
}

/** What the server says first; the connection stays open. */
export async function headOf(socket: Socket): Promise<RawAnswer> {
  const [bytes] = (await once(socket, "data")) as [Buffer];
  return parseAnswer(bytes.toString("latin1"));
}

export function parseAnswer(answer: string): RawAnswer {
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(statusLine.split(" ")[1]), headers, body: rest.join("\r\n\r\n") };
}
