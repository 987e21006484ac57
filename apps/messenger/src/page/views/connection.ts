import { type ComponentChild, h } from "preact";
import { useScreen } from "./context.js";
import { Button } from "./parts.js";

/** How the connection is: a line as long as it is not good. */
export function Connection(): ComponentChild {
  const { app, state, texts } = useScreen();
  const { link } = state;
  const words = texts.connection;
  const isWaiting = link === "waiting" || link === "stopped";
  return h(
    "div",
    { class: `connection ${link}`, role: "status", hidden: link === "online" },
    h("span", null, words[link]),
    (isWaiting || link === "refused" || link === "replaced") &&
      h(Button, { kind: "quiet", onClick: () => app.connect(), children: words.retry }),
    link === "server-changed" && h(Button, { kind: "quiet", onClick: () => app.trustServer(), children: words.trust }),
  );
}
