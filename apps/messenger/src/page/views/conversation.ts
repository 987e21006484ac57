import type { ContactRecord } from "messenger";
import { type ComponentChild, h } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { OpenConversation } from "../model/state.js";
import { Composer } from "./composer.js";
import { useScreen } from "./context.js";
import { Icon } from "./icons.js";
import { Log } from "./log.js";
import { Avatar, Button, IconButton, Stranger } from "./parts.js";

/** One conversation: who, what was said, and what is being written. Files can be dropped on it. */
export function Conversation({ conversation }: { readonly conversation: OpenConversation }): ComponentChild {
  const { app, state, texts } = useScreen();
  const [isDropping, setDropping] = useState(0);
  const contact = state.contacts.find(({ fingerprint }) => fingerprint === conversation.contact);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (matchMedia("(max-width: 45rem)").matches) heading.current?.focus();
  }, []);
  if (contact === undefined) return null;
  const canWrite = contact.state === "linked" || contact.state === "verified";
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setDropping(0);
    if (canWrite) void app.sendFiles(contact.fingerprint, event.dataTransfer?.files ?? []);
  };
  const hover = (step: number) => (event: DragEvent) => {
    event.preventDefault();
    setDropping((depth) => Math.max(0, depth + step));
  };
  return h(
    "section",
    { class: "conversation", onDragEnter: hover(1), onDragLeave: hover(-1), onDragOver: hover(0), onDrop: drop },
    h(Head, { contact, headingRef: heading }),
    contact.cloned && h("p", { class: "alarm", role: "alert" }, h(Icon, { name: "warning" }), texts.contact.cloned),
    canWrite ? h(Log, { conversation, contact }) : h(NotLinked, { contact }),
    canWrite && h(Composer, { conversation }),
    isDropping > 0 &&
      canWrite &&
      h("div", { class: "drop" }, h(Icon, { name: "file" }), h("p", null, texts.composer.drop)),
  );
}

function Head({
  contact,
  headingRef,
}: {
  readonly contact: ContactRecord;
  readonly headingRef: { current: HTMLHeadingElement | null };
}): ComponentChild {
  const { app, texts } = useScreen();
  const { fingerprint, state } = contact;
  const name = contact.name || texts.contact.nameless;
  return h(
    "header",
    { class: "bar" },
    h(IconButton, {
      icon: "back",
      class: "only-narrow",
      label: texts.conversation.back,
      onClick: () => app.select(null),
    }),
    h(Avatar, { name, fingerprint }),
    h(
      "div",
      { class: "bar-text" },
      h("h2", { ref: headingRef, tabIndex: -1 }, h(Stranger, { text: name })),
      h(
        "p",
        { class: `contact-state state-${state}` },
        state === "verified" && h(Icon, { name: "shield" }),
        texts.contact[state],
      ),
    ),
    h(IconButton, { icon: "shield", label: texts.contact.details(name), onClick: () => app.showContact(fingerprint) }),
  );
}

/** A contact who cannot be written to, and why. */
function NotLinked({ contact }: { readonly contact: ContactRecord }): ComponentChild {
  const { app, texts } = useScreen();
  const words = texts.contact;
  const isOver = contact.state === "refused" || contact.state === "mismatch";
  const lead = contact.state === "mismatch" ? words.mismatchLead : isOver ? words.refusedLead : words.invitedLead;
  return h(
    "div",
    { class: "empty" },
    h("div", { class: "empty-mark" }, h(Icon, { name: isOver ? "warning" : "clock" })),
    h("h2", null, words[contact.state]),
    h("p", null, lead),
    h(Button, { onClick: () => app.dismissContact(contact.fingerprint), children: words.dismiss }),
  );
}
