import type { MessageRecord } from "messenger";
import { type ComponentChild, h } from "preact";
import { useScreen } from "./context.js";
import { Icon, type IconName } from "./icons.js";

const icons: Readonly<Record<MessageRecord["status"], IconName>> = {
  sending: "clock",
  accepted: "check",
  delivered: "checks",
  read: "checks",
  failed: "warning",
};

/** How far one of our messages has come. */
export function Ticks({ message }: { readonly message: MessageRecord }): ComponentChild {
  const { status, problem = "" } = message;
  const words = useScreen().texts.status;
  const why = status === "failed" ? words.refused[problem] : words.waiting[problem];
  const label = why === undefined ? words[status] : `${words[status]}: ${why}`;
  return h(
    "span",
    { class: `ticks ${status}`, role: "img", "aria-label": label, title: label },
    h(Icon, { name: icons[status] }),
  );
}
