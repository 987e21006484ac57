import { createHash } from "node:crypto";
import type { TestContext } from "node:test";
import type { CampClientOptions } from "camp-client-node";
import type { CAMPServerWebsocketSession } from "camp-server";
import { randomFrom } from "../random.js";
import { ClientRig } from "./client-rig.js";
import type { Peer, PeerHabits } from "./peer.js";
import { whenClosed } from "./rig.js";
import { ServerRig } from "./server-rig.js";

/** What both ends of ours have in common. */
export type Session = CAMPServerWebsocketSession;

/** Options that servers and clients share. */
export type SharedOptions = Pick<
  CampClientOptions,
  "keepAliveIntervalMs" | "ackTimeoutMs" | "closeTimeoutMs" | "streamStallTimeoutMs" | "hookTimeoutMs" | "backpressure"
>;

/** A session of ours and the raw peer at its other end, both introduced. */
export interface Meeting {
  readonly session: Session;
  readonly peer: Peer;
  /** Code and reason of `closed`. */
  readonly ended: Promise<[code: number, reason: string]>;
}

export type Meet = (context: TestContext, habits?: PeerHabits, options?: SharedOptions) => Promise<Meeting>;

/** Everything that is said of a session holds for both ends of ours. */
export const ends: readonly (readonly [name: string, meet: Meet])[] = [
  ["a server", meetServer],
  ["a client", meetClient],
];

async function meetServer(context: TestContext, habits?: PeerHabits, options?: SharedOptions): Promise<Meeting> {
  const rig = await ServerRig.start(context, { onSession: () => {}, ...options });
  const peer = await rig.connect(habits);
  return { session: rig.sessionOf(peer), peer, ended: rig.closingOf(peer) };
}

async function meetClient(context: TestContext, habits?: PeerHabits, options?: SharedOptions): Promise<Meeting> {
  const rig = await ClientRig.start(context, habits);
  const { client, peer } = await rig.connect(options);
  return { session: client, peer, ended: whenClosed(client) };
}

/** Bytes that differ from place to place and are the same in each run. */
export function pattern(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  const random = randomFrom(seed);
  for (let offset = 0; offset + 4 <= length; offset += 4) bytes.writeUInt32LE(random(), offset);
  return bytes;
}

export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
