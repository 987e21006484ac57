import { MessengerError, parseLink } from "messenger";

/**
 * The invitation that the page was opened with, taken out of the address bar: whoever looks at it or at the history of the browser
 * later finds none.
 */
export function takeInvitation(): string | null {
  const { hash, pathname, search } = location;
  if (!hash.startsWith("#s1.")) return null;
  history.replaceState(history.state, "", pathname + search);
  return hash;
}

/** Whether it can be an invitation at all. */
export function isInvitation(link: string): boolean {
  try {
    parseLink(link.trim());
    return true;
  } catch (error) {
    if (error instanceof MessengerError) return false;
    throw error;
  }
}
