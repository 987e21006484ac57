import type { MessageRecord } from "messenger";
import { type ComponentChild, h } from "preact";
import { useScreen } from "./context.js";
import { bytesText } from "./format.js";
import { Icon } from "./icons.js";
import { Button, Stranger } from "./parts.js";

/** A file: its name, how far it is, and how to save it. */
export function FileLine({ message }: { readonly message: MessageRecord }): ComponentChild {
  const { app, state, texts, language } = useScreen();
  const { id, name, size } = message.file!;
  const transfer = state.transfers.get(id);
  const isIncoming = message.direction === "in";
  const isRunning = transfer?.phase === "running" || transfer?.phase === "waiting";
  const failed = isIncoming ? texts.file.notHere : texts.file.notSent;
  const words = {
    waiting: texts.file.waits,
    running: isIncoming ? texts.file.receiving : texts.file.sending,
    done: isIncoming ? "" : texts.file.sent,
    failed,
  };
  return h(
    "div",
    { class: "file" },
    h("span", { class: "file-mark" }, h(Icon, { name: "file" })),
    h(
      "div",
      { class: "file-text" },
      h(Stranger, { text: name, class: "file-name" }),
      h(
        "span",
        { class: "file-size" },
        bytesText(size, language),
        transfer && words[transfer.phase] !== "" && ` · ${words[transfer.phase]}`,
      ),
      isRunning && h("progress", { max: Math.max(size, 1), value: transfer.bytes, "aria-label": name }),
      isIncoming &&
        transfer?.phase === "done" &&
        h(Button, { icon: "save", kind: "quiet", onClick: () => app.saveFile(message), children: texts.file.save }),
    ),
  );
}
