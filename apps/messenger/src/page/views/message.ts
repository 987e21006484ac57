import type { MessageRecord } from "messenger";
import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import { useScreen } from "./context.js";
import { FileLine } from "./file-line.js";
import { clockTime, fullTime } from "./format.js";
import { Stranger } from "./parts.js";
import { Ticks } from "./ticks.js";

/** A longer text is folded: nobody can fill a screen without being asked to. */
const foldAt = 1500;
const foldLines = 25;

interface MessageProps {
  readonly message: MessageRecord;
  readonly name: string;
  /** The one above is by the same person. */
  readonly follows: boolean;
  readonly isFound: boolean;
}

export function Message({ message, name, follows, isFound }: MessageProps): ComponentChild {
  const { texts, language } = useScreen();
  const { direction, sentAt, file, unknownKind } = message;
  const who = direction === "out" ? texts.conversation.fromYou : texts.conversation.from(name);
  const content =
    file !== undefined
      ? h(FileLine, { message })
      : unknownKind !== undefined
        ? h("p", { class: "text unknown" }, texts.conversation.unknownKind)
        : h(Text, { text: message.text });
  return h(
    "article",
    { class: `message ${direction} ${follows ? "follows" : ""} ${isFound ? "is-found" : ""} status-${message.status}` },
    h("span", { class: "for-readers" }, h(Stranger, { text: who })),
    content,
    h(
      "span",
      { class: "meta" },
      h(
        "time",
        { dateTime: new Date(sentAt).toISOString(), title: fullTime(sentAt, language) },
        clockTime(sentAt, language),
      ),
      direction === "out" && h(Ticks, { message }),
    ),
    message.status === "failed" &&
      h("p", { class: "problem" }, texts.status.refused[message.problem ?? ""] ?? texts.status.failed),
  );
}

/** Text of whoever: only ever text. */
function Text({ text }: { readonly text: string }): ComponentChild {
  const { texts } = useScreen();
  const [isWhole, setWhole] = useState(false);
  const folded = isWhole ? text : fold(text);
  return h(
    "div",
    { class: "text", dir: "auto" },
    folded,
    folded.length < text.length &&
      h("button", { type: "button", class: "more", onClick: () => setWhole(true) }, texts.conversation.more),
  );
}

function fold(text: string): string {
  const lines = text
    .split("\n", foldLines + 1)
    .slice(0, foldLines)
    .join("\n");
  return lines.length <= foldAt ? lines : `${[...lines.slice(0, foldAt)].slice(0, -1).join("")}…`;
}
