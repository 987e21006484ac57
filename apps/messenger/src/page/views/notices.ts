import { type ComponentChild, h } from "preact";
import { useScreen } from "./context.js";
import { Icon } from "./icons.js";
import { IconButton, Stranger } from "./parts.js";

/** What happened, for a while. */
export function Notices(): ComponentChild {
  const { app, state, texts } = useScreen();
  return h(
    "div",
    { class: "notices", role: "status", "aria-live": "polite" },
    state.notices.map(({ id, text, tone }) =>
      h(
        "div",
        { key: id, class: `notice ${tone}` },
        tone === "warning" && h(Icon, { name: "warning" }),
        h(Stranger, { text }),
        h(IconButton, { icon: "close", label: texts.notice.dismiss, onClick: () => app.endNotice(id) }),
      ),
    ),
  );
}
