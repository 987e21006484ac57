/** Where a session stands. Closing goes through its steps in order. */
export type Phase =
  | { readonly at: "idle" | "handshaking" | "open" | "disconnected" | "ending" | "closed" }
  /** Still open, but what is sent waits for the next connection; this one ends when all that has left was acknowledged. */
  | { readonly at: "renewing"; readonly reason: string }
  /** Waits for a connection that was given up. */
  | { readonly at: "breaking"; readonly code: number; readonly reason: string }
  | { readonly at: "closing"; readonly code: number; readonly reason: string; step: "flush" | "bye" | "close" };

/** Those in which most sessions are, one for all of them. */
export const phases = {
  idle: { at: "idle" },
  handshaking: { at: "handshaking" },
  open: { at: "open" },
} as const satisfies Record<string, Phase>;

/** The same in the words of the application. */
export type SessionState = "idle" | "handshaking" | "open" | "disconnected" | "closing" | "closed";

export function stateOf({ at }: Phase): SessionState {
  if (at === "renewing") return "open";
  return at === "ending" || at === "breaking" ? "closing" : at;
}
