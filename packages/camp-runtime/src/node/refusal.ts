import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

/** The answer to an upgrade that is not admitted. */
export interface Refusal {
  readonly status: number;
  /** The body: what is wrong and the way out. Never anything of what the request carried. */
  readonly advice: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const retryAfterS = { "Retry-After": "2" };
const wantsBearer = { "WWW-Authenticate": "Bearer" };

/** Every reason for which an upgrade is refused, in the order in which they are looked at (rules 1). */
export const refusals = {
  draining: { status: 503, advice: "the server is shutting down; try again later", headers: retryAfterS },
  full: { status: 503, advice: "the server is at its session limit; try again later", headers: retryAfterS },
  crowded: { status: 503, advice: "too many clients are connecting right now; try again later", headers: retryAfterS },
  addressFull: {
    status: 429,
    advice: "too many sessions from this address; end some of them, or try again later",
    headers: retryAfterS,
  },
  tokenFull: {
    status: 429,
    advice: "too many sessions with this token; end some of them, or try again later",
    headers: retryAfterS,
  },
  foreignOrigin: { status: 403, advice: "pages of this origin may not connect; ask the server's owner to allow it" },
  noToken: {
    status: 401,
    advice: 'pass the token once, as the query parameter "authorization" with the value "Bearer <token>"',
    headers: wantsBearer,
  },
  badSessionId: {
    status: 400,
    advice:
      'pass a session id as the query parameter "x-camp-sid": a decimal number from 0 to 18446744073709551615, ' +
      "the same in every spelling of the name",
  },
  badCryoSessionId: {
    status: 400,
    advice: 'pass a session id once, as the query parameter "x-cryo-sid": a UUID in its text form of 36 characters',
  },
  badToken: { status: 401, advice: "the token was not accepted; connect with a valid one", headers: wantsBearer },
  validatorFailed: { status: 500, advice: "the server could not check the token; its log says why" },
  idInUse: {
    status: 409,
    advice: "a session with this id is running; choose another id, or try again if the session was yours and is lost",
    headers: retryAfterS,
  },
  otherPath: { status: 404, advice: "sessions are not served at this path; check the path of the URL" },
} as const satisfies Readonly<Record<string, Refusal>>;

/** How long the answer may take to leave. Stops peers that read nothing from keeping their sockets. */
const farewellMs = 5_000;

/** Sends the refusal as a whole HTTP answer and closes the socket once it has left. */
export function refuse(socket: Socket, refusal: Refusal): void {
  const body = `${refusal.advice}\n`;
  const headers = {
    Connection: "close",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": String(Buffer.byteLength(body)),
    ...refusal.headers,
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  // What the client sent ahead is read and thrown away: closing a socket with unread bytes resets it, and a reset can
  // overtake the answer.
  socket.resume();
  socket.setTimeout(farewellMs, () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${head.join("")}\r\n${body}`);
}
