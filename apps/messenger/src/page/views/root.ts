import { type ComponentChild, h } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { App } from "../model/app.js";
import { speechFor } from "../texts/index.js";
import { ScreenContext, useAppState, useScreen } from "./context.js";
import { Conversation } from "./conversation.js";
import { Dialogs } from "./dialogs.js";
import { Notices } from "./notices.js";
import { Empty } from "./parts.js";
import { Sidebar } from "./sidebar.js";
import { Broken, Elsewhere, Opening, Welcome } from "./start.js";

/** The whole screen. */
export function Root({ app }: { readonly app: App }): ComponentChild {
  const state = useAppState(app);
  const { language: chosen, appearance } = state.preferences;
  const { language, texts } = useMemo(() => speechFor(chosen), [chosen]);
  const unread = state.contacts.reduce((sum, contact) => sum + contact.unread, 0);
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dataset.appearance = appearance;
    document.title = unread > 0 ? `(${unread}) ${texts.appName}` : texts.appName;
  }, [language, appearance, unread, texts]);
  return h(ScreenContext.Provider, { value: { app, state, texts, language } }, h(Phase, null), h(Notices, null));
}

function Phase(): ComponentChild {
  const { state } = useScreen();
  switch (state.phase) {
    case "opening":
      return h(Opening, null);
    case "welcome":
      return h(Welcome, null);
    case "elsewhere":
      return h(Elsewhere, null);
    case "broken":
      return h(Broken, null);
    default:
      return h(Ready, null);
  }
}

function Ready(): ComponentChild {
  const { state, texts } = useScreen();
  const { conversation } = state;
  return h(
    "div",
    { class: `app ${conversation === null ? "shows-list" : "shows-conversation"}` },
    h(Sidebar, null),
    h(
      "main",
      { class: "main" },
      conversation === null
        ? h(Empty, { icon: "lock", ...texts.noConversation })
        : h(Conversation, { key: conversation.contact, conversation }),
    ),
    h(Dialogs, null),
  );
}
