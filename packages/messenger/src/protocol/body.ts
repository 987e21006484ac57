import { decodeBase64url, encodeBase64url } from "./base64url.js";
import { concat, textOf, u64, utf8 } from "./bytes.js";
import { MalformedError } from "./errors.js";
import { bodyBytesMax, fileBytesMax, fileNameBytesMax, idBytes, partHeaderBytes, partsMax } from "./limits.js";

/** What a message says. */
export type Body =
  | { readonly kind: "receipt" }
  | { readonly kind: "text"; readonly text: string }
  /** Read up to and with this n. */
  | { readonly kind: "read"; readonly upTo: number }
  | {
      readonly kind: "part";
      readonly group: string;
      readonly index: number;
      readonly count: number;
      readonly text: string;
    }
  | {
      readonly kind: "file";
      readonly id: string;
      readonly key: Uint8Array;
      readonly size: number;
      readonly name: string;
    }
  /** Of a later version; shown as such. */
  | { readonly kind: "unknown"; readonly code: number };

const codes = { receipt: 0, text: 1, read: 2, part: 3, file: 4 } as const;
const fileKeyBytes = 32;

export function packBody(body: Body): { readonly code: number; readonly bytes: Uint8Array } {
  switch (body.kind) {
    case "receipt":
      return { code: codes.receipt, bytes: new Uint8Array() };
    case "text":
      return limited(codes.text, utf8(body.text));
    case "read":
      return limited(codes.read, u64(body.upTo));
    case "part":
      return limited(
        codes.part,
        concat(decodeBase64url(body.group), u16(body.index), u16(body.count), utf8(body.text)),
      );
    case "file":
      return limited(codes.file, concat(decodeBase64url(body.id), body.key, u64(body.size), utf8(body.name)));
    case "unknown":
      throw new MalformedError("a message of an unknown kind is not sent");
  }
}

/** @throws {MalformedError} for a body that its kind does not allow */
export function unpackBody(code: number, bytes: Uint8Array): Body {
  switch (code) {
    case codes.receipt:
      if (bytes.length > 0) throw new MalformedError("a receipt has a body");
      return { kind: "receipt" };
    case codes.text:
      return { kind: "text", text: textOf(bytes) };
    case codes.read:
      if (bytes.length !== 8) throw new MalformedError("what was read is no u64");
      return { kind: "read", upTo: readU64(bytes, 0) };
    case codes.part:
      return unpackPart(bytes);
    case codes.file:
      return unpackFile(bytes);
    default:
      return { kind: "unknown", code };
  }
}

/** A number that JavaScript has exactly. */
export function readU64(bytes: Uint8Array, at: number): number {
  const value = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new MalformedError("a number is above 2^53-1");
  return Number(value);
}

function unpackPart(bytes: Uint8Array): Body {
  if (bytes.length < partHeaderBytes) throw new MalformedError("a part is too short");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [index, count] = [view.getUint16(8), view.getUint16(10)];
  if (count < 2 || count > partsMax || index >= count) throw new MalformedError("a part has an impossible number");
  const group = encodeBase64url(bytes.subarray(0, 8));
  return { kind: "part", group, index, count, text: textOf(bytes.subarray(partHeaderBytes)) };
}

function unpackFile(bytes: Uint8Array): Body {
  const nameAt = idBytes + fileKeyBytes + 8;
  if (bytes.length < nameAt) throw new MalformedError("a file is announced too shortly");
  if (bytes.length - nameAt > fileNameBytesMax) throw new MalformedError("a file's name is too long");
  const size = readU64(bytes, idBytes + fileKeyBytes);
  if (size > fileBytesMax) throw new MalformedError("a file is too large");
  return {
    kind: "file",
    id: encodeBase64url(bytes.subarray(0, idBytes)),
    key: bytes.slice(idBytes, idBytes + fileKeyBytes),
    size,
    name: textOf(bytes.subarray(nameAt)),
  };
}

function limited(code: number, bytes: Uint8Array): { readonly code: number; readonly bytes: Uint8Array } {
  if (bytes.length > bodyBytesMax) throw new MalformedError(`a body of ${bytes.length} bytes exceeds ${bodyBytesMax}`);
  return { code, bytes };
}

function u16(value: number): Uint8Array {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, value);
  return bytes;
}
