import { decodeBase64url } from "./base64url.js";
import { MalformedError } from "./errors.js";
import type { Members } from "./json.js";

// How single members are read. Each names the member and never quotes its value.

export function textField(members: Members, name: string): string {
  const value = members[name];
  if (typeof value !== "string") throw new MalformedError(`${name} is no text`);
  return value;
}

/** A number that is exact everywhere: whole, from 0 to 2^53-1. */
export function numberField(members: Members, name: string): number {
  const value = members[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) {
    throw new MalformedError(`${name} is no whole number from 0 to 2^53-1`);
  }
  return value;
}

/** Bytes, checked and left as the text that they travel as. `length` is exact if it is given. */
export function bytesField(members: Members, name: string, length?: number): string {
  const text = textField(members, name);
  const bytes = decodeBase64url(text);
  if (length !== undefined && bytes.length !== length) throw new MalformedError(`${name} has not ${length} bytes`);
  return text;
}

export function optionalNumber(members: Members, name: string): number | undefined {
  return members[name] === undefined ? undefined : numberField(members, name);
}
