const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A text message, and how long it is on the wire. */
export interface Text {
  readonly text: string;
  readonly byteLength: number;
}

/** What is sent for the data of the caller, as text or bytes. */
export function contentOf(
  data: string | ArrayBuffer | ArrayBufferView | Blob,
  binary: boolean | undefined,
): Text | Uint8Array | Blob {
  if (data instanceof Blob) return data;
  const bytes = bytesOf(data);
  if (binary ?? bytes !== null) return bytes ?? encoder.encode(String(data));
  // There and back: lone surrogates become U+FFFD, as on the wire.
  const encoded = bytes ?? encoder.encode(String(data));
  return { text: decoder.decode(encoded), byteLength: encoded.byteLength };
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array | null {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : null;
}

/** Whether a code of the protocol's own may stand in a close frame. */
export function isSent(code: number): boolean {
  return code >= 1001 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}

/** @throws {DOMException} `SyntaxError` for a URL that browsers refuse */
export function checkedUrl(url: string | URL): URL {
  const target = parsed(String(url));
  if (target.protocol === "http:") target.protocol = "ws:";
  if (target.protocol === "https:") target.protocol = "wss:";
  if (target.protocol !== "ws:" && target.protocol !== "wss:")
    throw syntax("the URL of a socket begins with ws: or wss:");
  if (target.hash !== "" || target.href.endsWith("#")) throw syntax("the URL of a socket has no fragment");
  return target;
}

function parsed(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw syntax("the URL of a socket cannot be parsed");
  }
}

/** @throws {DOMException} `SyntaxError` for subprotocols that browsers refuse */
export function checkedProtocols(protocols: readonly string[]): readonly string[] {
  if (!protocols.every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name))) throw syntax("a subprotocol is no HTTP token");
  if (new Set(protocols).size < protocols.length) throw syntax("a subprotocol is offered twice");
  return protocols;
}

function syntax(message: string): DOMException {
  return new DOMException(message, "SyntaxError");
}
