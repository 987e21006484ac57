// The client of the demo, a process of its own that the demo starts and that tells it how it gets on.

import { CAMP } from "camp-client-node";
import type { ClientNews, ClientTask } from "./channel.js";
import { runClient } from "./client.js";

function tell(news: ClientNews): void {
  // When nobody is there to be told any more, `disconnect` is what counts.
  process.send?.(news, undefined, undefined, () => {});
}

// A Ctrl-C reaches the whole group of processes; how to end is decided by the one that started this.
process.on("SIGINT", () => {});
process.once("disconnect", () => process.exit());
process.once("message", async (task: ClientTask) => {
  try {
    const session = await CAMP(`127.0.0.1:${task.port}`, task.token, { reconnect: false });
    const result = await runClient(session, task, (step, done) => tell({ type: "progress", step, done }));
    await session.Close("demo finished");
    tell({ type: "finished", result });
  } catch (error) {
    tell({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  }
  process.disconnect();
});
tell({ type: "ready" });
