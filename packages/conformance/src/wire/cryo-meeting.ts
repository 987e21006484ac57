import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { CryoClientOptions } from "cryo-client-node";
import type { CryoServerWebsocketSession } from "cryo-server";
import { CryoClientRig } from "./cryo-client-rig.js";
import type { CryoHabits, CryoPeer } from "./cryo-peer.js";
import { CryoServerRig } from "./cryo-server-rig.js";
import { whenClosed } from "./rig.js";
import { Secrets } from "./secrets.js";

/** What both ends of ours have in common. */
export type CryoSession = CryoServerWebsocketSession;

/** Options that servers and clients share. */
export type SharedCryoOptions = Pick<
  CryoClientOptions,
  "use_cale" | "nonceOrder" | "handshakeTimeoutMs" | "keepAliveIntervalMs" | "ackTimeoutMs" | "closeTimeoutMs"
>;

/** A session of ours and the raw peer at its other end, which is connected and no more. */
export interface CryoMeeting {
  readonly session: CryoSession;
  readonly peer: CryoPeer;
  /** Every message that the session delivered, and `secure`, in order. */
  readonly heard: readonly string[];
  /** Code and reason of `closed`. */
  readonly ended: Promise<[code: number, reason: string]>;
  /** Nobody else suffers: another session of the server goes on, a client does not come back for more. */
  undisturbed(): Promise<void>;
}

export type MeetInCryo = (
  context: TestContext,
  habits?: CryoHabits,
  options?: SharedCryoOptions,
) => Promise<CryoMeeting>;

/** Everything that is said of a session holds for both ends of ours. */
export const cryoEnds: readonly (readonly [end: "server" | "client", meet: MeetInCryo])[] = [
  ["server", meetServer],
  ["client", meetClient],
];

async function meetServer(
  context: TestContext,
  habits: CryoHabits = {},
  options: SharedCryoOptions = {},
): Promise<CryoMeeting> {
  const secrets = new Secrets(context);
  const heard = new Map<string, string[]>();
  const rig = await CryoServerRig.start(context, {
    use_cale: habits.cale !== false,
    ...options,
    onSession: (session) => {
      heard.set(session.id, listen(session));
      session.on("message-utf8", (text) => {
        if (text.startsWith("echo")) session.SendUTF8(text).catch(() => {});
      });
    },
  });
  const witness = await rig.invite();
  const peer = rig.open(habits);
  await new Promise((resolve) => peer.socket.once("open", resolve));
  const session = rig.sessionOf(peer);
  return {
    session,
    peer,
    heard: heard.get(session.id)!,
    ended: secrets.watch(peer, session, rig.closingOf(peer)),
    undisturbed: async () => {
      await rig.endOf(peer);
      await rig.verify();
      assert.equal(witness.socket.readyState, witness.socket.OPEN);
    },
  };
}

async function meetClient(
  context: TestContext,
  habits?: CryoHabits,
  options: SharedCryoOptions = {},
): Promise<CryoMeeting> {
  const secrets = new Secrets(context);
  const rig = await CryoClientRig.start(context, habits);
  const session = await rig.dial({ reconnect: { minDelayMs: 1, maxAttempts: 2 }, ...options });
  const heard = listen(session);
  const peer = await rig.nextPeer();
  const ended = secrets.watch(peer, session, whenClosed(session));
  return {
    session,
    peer,
    heard,
    ended,
    undisturbed: async () => {
      await ended;
      assert.equal(rig.requests.length, 1, "the client came back");
    },
  };
}

function listen(session: CryoSession): string[] {
  const heard: string[] = [];
  session.on("secure", () => heard.push("secure"));
  session.on("message-utf8", (text) => heard.push(`utf8 ${text}`));
  session.on("message-binary", (bytes) => heard.push(`binary ${bytes.toString("hex")}`));
  session.on("message-error", (text) => heard.push(`error ${text}`));
  return heard;
}
