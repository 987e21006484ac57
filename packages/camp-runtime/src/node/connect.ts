import type { IncomingMessage } from "node:http";
import type { ConnectionOptions } from "node:tls";
import { ConnectError, NoSubprotocolError } from "camp-runtime";
import { WebSocket } from "ws";
import { type Masking, maskFor } from "./masking.js";
import { receivedRefusal } from "./received-refusal.js";
import { WsTransport, webSocketOptions } from "./ws-transport.js";

/** What a client may say about its TLS connection; the meaning is that of `node:tls`. */
export type TlsOptions = Pick<
  ConnectionOptions,
  | "ca"
  | "cert"
  | "key"
  | "pfx"
  | "passphrase"
  | "rejectUnauthorized"
  | "servername"
  | "minVersion"
  | "checkServerIdentity"
>;

/** One attempt to open a connection. */
export interface ConnectRequest {
  /** With token and session id. No error may quote it. */
  readonly url: URL;
  /** The subprotocol to offer, or null to offer none. */
  readonly subprotocol: string | null;
  /** Further subprotocols to offer, of which none may be selected. */
  readonly alsoOffered: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions | undefined;
  readonly masking: Masking;
  /** The largest message that the peer may send; a larger one is refused before it is buffered. */
  readonly maxPayload: number;
  /** Ends the attempt; it then rejects with the reason. */
  readonly signal: AbortSignal;
}

/** An open connection of which nothing has been read yet. */
export interface OpenConnection {
  readonly transport: WsTransport;
  readonly subprotocol: string | undefined;
  readonly remoteAddress: string | undefined;
}

/** Opens a WebSocket. Rejects with {@link ConnectError}, or with the reason of the signal. */
export function openConnection(request: ConnectRequest): Promise<OpenConnection> {
  const { url, subprotocol, alsoOffered, headers, tls, masking, maxPayload, signal } = request;
  return new Promise((resolve, reject) => {
    if (signal.aborted) throw signal.reason;
    const protocols = [...(subprotocol === null ? [] : [subprotocol]), ...alsoOffered];
    const ws = new WebSocket(url, protocols, { ...tls, ...webSocketOptions, headers, maxPayload });
    let answer: IncomingMessage;
    const fail = (error: unknown) => {
      signal.removeEventListener("abort", abort);
      reject(error);
      ws.terminate();
    };
    const abort = () => fail(signal.reason);
    const failed = (error: Error) => fail(toConnectError(error, url));
    signal.addEventListener("abort", abort, { once: true });
    ws.on("error", failed);
    ws.once("unexpected-response", (_request, response) => void receivedRefusal(url.host, response).then(fail));
    ws.once("upgrade", (response) => {
      answer = response;
      const selected = response.headers["sec-websocket-protocol"];
      if (subprotocol !== null && selected === undefined) fail(new NoSubprotocolError(url.host));
    });
    ws.once("open", () => {
      signal.removeEventListener("abort", abort);
      ws.off("error", failed);
      // Made right now: the server's first frame may have come in the same packet as its answer.
      const transport = new WsTransport(ws, answer.socket, maskFor(masking, answer.socket));
      const { remoteAddress } = answer.socket;
      resolve({ transport, subprotocol: ws.protocol === "" ? undefined : ws.protocol, remoteAddress });
    });
  });
}

/**
 * What the platform says about a failed attempt, in our terms. Only errors of the system and of TLS are kept as causes: an
 * HTTP parser's error holds what the server sent, and a server may send back what it was sent.
 */
function toConnectError(error: Error & { code?: unknown }, url: URL): ConnectError {
  const code = typeof error.code === "string" ? error.code : "";
  if (url.protocol === "wss:" && isTlsCode(code)) {
    return new ConnectError("TLS", url.host, `could not be connected to securely (${code})`, { cause: error });
  }
  if (code === "" || code.startsWith("HPE_")) {
    return new ConnectError("VERSION", url.host, "did not answer as a WebSocket server for this protocol");
  }
  return new ConnectError("REFUSED", url.host, `could not be connected to (${code})`, { cause: error });
}

/** Node's own codes, or one of OpenSSL's many, whose names tell what is wrong with which part of a certificate. */
function isTlsCode(code: string): boolean {
  return /^(EPROTO$|ERR_|HOSTNAME_|INVALID_)|CERT|CRL|ISSUER|SIGNATURE|PATH_LENGTH/.test(code);
}
