import type { Connected, SessionPair } from "camp-runtime";
import type { WebSocketTransport } from "./web-socket-transport.js";

/** How long a connection may take to show that it lives, once the page has woken. */
const probeMs = 5_000;

/**
 * Lets a session follow the life of its page. One that sleeps or goes offline comes back at once when it wakes; a page that is
 * left says so; one that is kept for "back" gives its connection up, since browsers keep no page that holds one.
 *
 * @param transport gives the transport of the latest connection
 * @returns ends that
 */
export function followPage(
  { pair, reconnector }: Connected<SessionPair<unknown>>,
  transport: () => WebSocketTransport,
): () => void {
  const { engine } = pair;
  const over = new AbortController();
  const { signal } = over;
  const wake = () => {
    reconnector?.wake();
    if (engine.state === "open") probe();
  };
  const probe = () => {
    const [asked, { receivedBytes }] = [transport(), engine.aliveMarks];
    engine.probe();
    setTimeout(() => {
      const silent = engine.aliveMarks.receivedBytes === receivedBytes;
      if (silent && asked === transport() && !signal.aborted) asked.abandon(1006, "no sign of life");
    }, probeMs);
  };
  const leave = ({ persisted }: PageTransitionEvent) => {
    if (persisted) transport().abandon(1001, "the page is kept for later");
    else engine.fail(4000, "the page was left");
  };
  addEventListener("online", wake, { signal });
  addEventListener("pageshow", ({ persisted }) => persisted && wake(), { signal });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake(), { signal });
  addEventListener("pagehide", leave, { signal });
  return () => over.abort();
}
