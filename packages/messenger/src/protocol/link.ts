import { decodeBase64url, encodeBase64url } from "./base64url.js";
import { MalformedError, MessengerError } from "./errors.js";
import { fingerprintBytes, inviteBytes, secretBytes } from "./limits.js";

/** What an invitation link says, all of it behind the `#`, which no server sees. */
export interface InviteLink {
  /** The inviter's fingerprint. */
  readonly inviter: string;
  /** Which invitation it is. */
  readonly invite: string;
  /** Who has it may accept. */
  readonly secret: Uint8Array;
  /** When it ends, in milliseconds since 1970. */
  readonly expiry: number;
}

/** `app` is the address of the page, without a fragment: `https://app.example/`. */
export function formatLink(app: string, { inviter, invite, secret, expiry }: InviteLink): string {
  return `${app}#s1.${inviter}.${invite}.${encodeBase64url(secret)}.${expiry}`;
}

/**
 * Reads a link, or its fragment alone.
 *
 * @throws {MessengerError} `BAD_LINK`
 */
export function parseLink(link: string): InviteLink {
  const [version, inviter, invite, secret, expiry, ...rest] = link.slice(link.indexOf("#") + 1).split(".");
  if (version !== "s1" || expiry === undefined || rest.length > 0)
    throw badLink("it is no invitation of a known version");
  if (!/^(?:0|[1-9]\d{0,15})$/.test(expiry) || !Number.isSafeInteger(Number(expiry))) throw badLink("its time is none");
  return {
    inviter: sized(inviter!, fingerprintBytes),
    invite: sized(invite!, inviteBytes),
    secret: decodeBase64url(sized(secret!, secretBytes)),
    expiry: Number(expiry),
  };
}

function sized(text: string, bytes: number): string {
  try {
    if (decodeBase64url(text).length === bytes) return text;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
  }
  throw badLink("a part of it is damaged");
}

function badLink(why: string): MessengerError {
  return new MessengerError("BAD_LINK", `the link cannot be used: ${why}; ask for it to be sent again, whole`);
}
