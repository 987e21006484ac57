import type { ContactRecord, MessageRecord } from "messenger";
import { type ComponentChild, h } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { OpenConversation } from "../model/state.js";
import { useScreen } from "./context.js";
import { dayName, dayOf } from "./format.js";
import { Message } from "./message.js";
import { Button } from "./parts.js";

/** So close to the oldest message that is shown the ones before it are loaded. */
const nearPx = 300;

/** The messages that are shown, with days, gaps and where the new ones begin. */
export function Log({
  conversation,
  contact,
}: {
  readonly conversation: OpenConversation;
  readonly contact: ContactRecord;
}): ComponentChild {
  const { app, texts } = useScreen();
  const { messages, hasOlder, hasNewer, found } = conversation;
  const log = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (found !== null) log.current?.querySelector(".is-found")?.scrollIntoView({ block: "center" });
  }, [found, conversation.contact]);
  const scrolled = () => {
    const { scrollHeight, clientHeight, scrollTop } = log.current!;
    // It grows upwards: scrollTop is 0 at the newest message and negative above.
    if (scrollHeight - clientHeight + scrollTop < nearPx) void app.conversation.older();
  };
  const name = contact.name || texts.contact.nameless;
  return h(
    "div",
    {
      class: "log",
      ref: log,
      onScroll: scrolled,
      tabIndex: 0,
      role: "log",
      "aria-label": texts.conversation.log(name),
    },
    h(
      "div",
      { class: "log-inside" },
      hasOlder &&
        h(
          "div",
          { class: "log-line" },
          h(Button, { kind: "quiet", onClick: () => app.conversation.older(), children: texts.conversation.older }),
        ),
      messages.length === 0 && h("p", { class: "log-empty" }, texts.conversation.empty),
      messages.map((message, index) =>
        h(Entry, { key: message.order, message, before: messages[index - 1], conversation, contact }),
      ),
      hasNewer &&
        h(
          "div",
          { class: "log-line" },
          h(Button, { onClick: () => app.conversation.newest(), children: texts.conversation.newest }),
        ),
    ),
  );
}

interface EntryProps {
  readonly message: MessageRecord;
  readonly before: MessageRecord | undefined;
  readonly conversation: OpenConversation;
  readonly contact: ContactRecord;
}

function Entry({ message, before, conversation, contact }: EntryProps): ComponentChild {
  const { texts, language } = useScreen();
  const isNewDay = before === undefined || dayOf(before.sentAt) !== dayOf(message.sentAt);
  const missing = missingBefore(message, conversation.messages, contact);
  const follows = !isNewDay && before.direction === message.direction && missing === 0;
  return h(
    "div",
    { class: "entry" },
    isNewDay && h("h3", { class: "day" }, dayName(message.sentAt, language, texts.conversation)),
    conversation.unreadFrom === message.order &&
      h("p", { class: "unread-line" }, h("span", null, texts.conversation.unreadLine)),
    missing > 0 && h("p", { class: "gap" }, texts.conversation.missing(missing)),
    h(Message, {
      message,
      follows,
      isFound: conversation.found === message.order,
      name: contact.name || texts.contact.nameless,
    }),
  );
}

/** How many of the contact's messages belong between the one it sent before this one, and this one. */
function missingBefore(message: MessageRecord, shown: readonly MessageRecord[], { gaps }: ContactRecord): number {
  if (message.direction === "out" || gaps.length === 0) return 0;
  const earlier = shown.filter(({ direction, n }) => direction === "in" && n < message.n).map(({ n }) => n);
  const last = earlier.length > 0 ? Math.max(...earlier) : -1;
  const isFirstShown = earlier.length === 0 && shown[0]!.order > 0;
  return isFirstShown ? 0 : gaps.filter(({ n }) => n > last && n < message.n).length;
}
