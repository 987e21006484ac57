import type { ContactRecord, MessageRecord } from "messenger";
import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import { Connection } from "./connection.js";
import { useScreen } from "./context.js";
import { shortTime } from "./format.js";
import { Icon } from "./icons.js";
import { Avatar, Button, Empty, IconButton, Stranger } from "./parts.js";
import { Ticks } from "./ticks.js";

/** Who there is: the conversations, newest first, or what was looked for. */
export function Sidebar(): ComponentChild {
  const { app, state, texts } = useScreen();
  const isEmpty = state.contacts.length === 0;
  return h(
    "aside",
    { class: "sidebar" },
    h(
      "header",
      { class: "bar" },
      h("h1", null, texts.appName),
      h(IconButton, { icon: "invite", label: texts.list.invite, onClick: () => app.invite() }),
      h(IconButton, { icon: "settings", label: texts.list.settings, onClick: () => app.show({ kind: "settings" }) }),
    ),
    !isEmpty && h(SearchField, null),
    h(Connection, null),
    h(
      "nav",
      { class: "list", "aria-label": texts.list.label },
      isEmpty ? h(NobodyYet, null) : state.found === null ? h(Contacts, null) : h(FoundList, null),
    ),
    !isEmpty &&
      h(
        "footer",
        { class: "sidebar-foot" },
        h(Button, {
          icon: "link",
          kind: "quiet",
          onClick: () => app.show({ kind: "accept", link: null }),
          children: texts.list.haveLink,
        }),
      ),
  );
}

function NobodyYet(): ComponentChild {
  const { app, texts } = useScreen();
  return h(
    Empty,
    { icon: "talk", title: texts.list.emptyTitle, lead: texts.list.emptyLead },
    h(
      "div",
      { class: "stack" },
      h(Button, { icon: "invite", kind: "primary", onClick: () => app.invite(), children: texts.list.invite }),
      h(Button, {
        icon: "link",
        onClick: () => app.show({ kind: "accept", link: null }),
        children: texts.list.haveLink,
      }),
    ),
  );
}

function SearchField(): ComponentChild {
  const { app, texts } = useScreen();
  const [query, setQuery] = useState("");
  const look = (wanted: string) => {
    setQuery(wanted);
    void app.search(wanted);
  };
  return h(
    "div",
    { class: "search", role: "search" },
    h(Icon, { name: "search" }),
    h("input", {
      ...{ type: "search", value: query, placeholder: texts.list.search, "aria-label": texts.list.searchLabel },
      onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => look(currentTarget.value),
    }),
    query !== "" && h(IconButton, { icon: "close", label: texts.list.clearSearch, onClick: () => look("") }),
  );
}

function Contacts(): ComponentChild {
  const { state } = useScreen();
  const time = ({ fingerprint }: ContactRecord) => state.newest.get(fingerprint)?.sentAt ?? Number.MAX_SAFE_INTEGER;
  const sorted = [...state.contacts].sort((a, b) => time(b) - time(a));
  return h(
    "ul",
    { class: "rows" },
    sorted.map((contact) => h(ContactRow, { key: contact.fingerprint, contact })),
  );
}

function ContactRow({ contact }: { readonly contact: ContactRecord }): ComponentChild {
  const { app, state, texts, language } = useScreen();
  const { fingerprint, unread } = contact;
  const newest = state.newest.get(fingerprint);
  const isCurrent = state.conversation?.contact === fingerprint;
  const name = contact.name || texts.contact.nameless;
  return h(
    "li",
    null,
    h(
      "button",
      {
        ...{
          type: "button",
          class: `row ${unread > 0 ? "is-unread" : ""}`,
          "aria-current": isCurrent ? "true" : undefined,
        },
        onClick: () => void app.select(fingerprint),
      },
      h(Avatar, { name, fingerprint }),
      h(
        "span",
        { class: "row-text" },
        h(
          "span",
          { class: "row-line" },
          h(Stranger, { text: name, class: "row-name" }),
          contact.state === "verified" &&
            h(
              "span",
              { class: "verified", role: "img", "aria-label": texts.contact.verified },
              h(Icon, { name: "shield" }),
            ),
          newest &&
            h(
              "time",
              { class: "row-time", dateTime: new Date(newest.sentAt).toISOString() },
              shortTime(newest.sentAt, language),
            ),
        ),
        h(
          "span",
          { class: "row-line" },
          h(Preview, { contact, newest }),
          unread > 0 &&
            h(
              "span",
              { class: "badge", role: "img", "aria-label": texts.list.unread(unread) },
              unread > 99 ? "99+" : unread,
            ),
        ),
      ),
    ),
  );
}

/** What stands below a name. */
function Preview({
  contact,
  newest,
}: {
  readonly contact: ContactRecord;
  readonly newest: MessageRecord | undefined;
}): ComponentChild {
  const { texts } = useScreen();
  const { state } = contact;
  if (state !== "linked" && state !== "verified")
    return h("span", { class: `preview state-${state}` }, texts.contact[state]);
  if (newest === undefined) return h("span", { class: "preview" }, texts.list.newContact);
  return h(
    "span",
    { class: "preview" },
    newest.direction === "out" && h(Ticks, { message: newest }),
    h(Stranger, { text: previewText(newest, texts.list.file) }),
  );
}

const previewMax = 120;

function previewText({ text, file }: MessageRecord, fileText: (name: string) => string): string {
  return file === undefined ? text.slice(0, previewMax) : fileText(file.name);
}

function FoundList(): ComponentChild {
  const { app, state, texts, language } = useScreen();
  const { people, messages, isDone } = state.found!;
  if (isDone && people.length + messages.length === 0)
    return h("p", { class: "nothing", role: "status" }, texts.list.nothingFound);
  return h(
    "div",
    null,
    people.length > 0 && h("h2", { class: "list-title" }, texts.list.people),
    h(
      "ul",
      { class: "rows" },
      people.map((contact) => h(ContactRow, { key: contact.fingerprint, contact })),
    ),
    messages.length > 0 && h("h2", { class: "list-title" }, texts.list.messages),
    h(
      "ul",
      { class: "rows" },
      messages.map((message) =>
        h(
          "li",
          { key: `${message.contact}/${message.order}` },
          h(
            "button",
            { type: "button", class: "row", onClick: () => void app.select(message.contact, message.order) },
            h(
              "span",
              { class: "row-text" },
              h(
                "span",
                { class: "row-line" },
                h(Stranger, { text: app.nameOf(message.contact), class: "row-name" }),
                h("time", { class: "row-time" }, shortTime(message.sentAt, language)),
              ),
              h(
                "span",
                { class: "preview" },
                message.direction === "out" && `${texts.list.you} `,
                h(Stranger, { text: previewText(message, texts.list.file) }),
              ),
            ),
          ),
        ),
      ),
    ),
    !isDone && h("p", { class: "nothing", role: "status" }, texts.list.searching),
  );
}
