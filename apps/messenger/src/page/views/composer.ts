import { type ComponentChild, h } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { OpenConversation } from "../model/state.js";
import { useScreen } from "./context.js";
import { IconButton } from "./parts.js";

/** Where one writes. Enter sends, with Shift it begins a line. */
export function Composer({ conversation }: { readonly conversation: OpenConversation }): ComponentChild {
  const { app, texts } = useScreen();
  const text = useRef<HTMLTextAreaElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const { draft, contact } = conversation;
  useEffect(() => {
    // On a phone that would open the keyboard over the conversation.
    if (matchMedia("(hover: hover)").matches) text.current?.focus();
  }, []);
  const typed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void app.send();
  };
  const chosen = ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    void app.sendFiles(contact, [...(currentTarget.files ?? [])]);
    currentTarget.value = "";
  };
  return h(
    "form",
    {
      class: "composer",
      onSubmit: (event: Event) => {
        event.preventDefault();
        void app.send();
      },
    },
    h("input", { ref: files, type: "file", multiple: true, hidden: true, onChange: chosen }),
    h(IconButton, { icon: "attach", label: texts.composer.attach, onClick: () => files.current?.click() }),
    h(
      "div",
      { class: "composer-field", "data-text": `${draft}\n` },
      h("textarea", {
        ...{ ref: text, rows: 1, value: draft, dir: "auto", placeholder: texts.composer.placeholder },
        ...{ "aria-label": texts.composer.label, enterkeyhint: "send" },
        onInput: ({ currentTarget }: { currentTarget: HTMLTextAreaElement }) =>
          app.conversation.write(currentTarget.value),
        onKeyDown: typed,
        onBlur: () => void app.saveDraft(),
      }),
    ),
    h(IconButton, { icon: "send", class: "send", label: texts.composer.send, onClick: () => app.send() }),
  );
}
