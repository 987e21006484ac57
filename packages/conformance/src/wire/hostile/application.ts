import type { CAMPServerWebsocketSession as Session } from "camp-server";
import { settle, token } from "../rig.js";

/** How a public server is set up (docs/limits.md). */
export const publicOptions = { maxMessagesPerSecond: 2000, maxBytesPerSecond: 4_194_304 } as const;

export const validator = { validate: async (given: string): Promise<boolean> => given === token };

const offered = Buffer.alloc(1_048_576);

/** Something to talk to, to fetch from, and somebody who reads. */
export function application(session: Session): void {
  session.on("message-utf8", (text) => settle(session.base.SendUTF8(text)));
  session.on("message-binary", (bytes) => settle(session.base.SendBinary(bytes)));
  session.transaction.Stream(offered, { behaviour: "pull", streamName: "offer" }).catch(() => {});
  session.transaction.WaitForStream("s").then(
    (stream) => stream.on("error", () => {}).resume(),
    () => {},
  );
}
