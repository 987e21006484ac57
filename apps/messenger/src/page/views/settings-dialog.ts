import { type ComponentChild, type ComponentChildren, h } from "preact";
import { useState } from "preact/hooks";
import type { Preferences } from "../model/preferences.js";
import { useScreen } from "./context.js";
import { Button, Dialog } from "./parts.js";
import { cut } from "./start.js";

/** What the user may choose. */
export function SettingsDialog(): ComponentChild {
  const { app, texts } = useScreen();
  const words = texts.settings;
  const choice = (value: string, children: string) => h("option", { value }, children);
  return h(
    Dialog,
    { title: words.title, onClose: () => app.show(null) },
    h(NameForm, null),
    h(
      Choice,
      { name: "language", label: words.language },
      choice("auto", words.automatic),
      choice("en", "English"),
      choice("de", "Deutsch"),
    ),
    h(
      Choice,
      { name: "appearance", label: words.appearance },
      choice("auto", words.automatic),
      choice("light", words.light),
      choice("dark", words.dark),
    ),
    h(Switch, { name: "readReceipts", label: words.readReceipts }),
    h(Switch, { name: "notifications", label: words.notifications }),
    h(Button, { kind: "quiet", icon: "lock", onClick: () => app.show({ kind: "about" }), children: words.about }),
  );
}

function NameForm(): ComponentChild {
  const { app, state, texts } = useScreen();
  const [name, setName] = useState(state.name);
  const submit = (event: Event) => {
    event.preventDefault();
    void app.rename(name);
  };
  return h(
    "form",
    { class: "stack", onSubmit: submit },
    h("label", { for: "own-name" }, texts.settings.name),
    h(
      "div",
      { class: "field-row" },
      h("input", {
        ...{ id: "own-name", type: "text", value: name, autocomplete: "nickname", required: true },
        onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => setName(cut(currentTarget)),
      }),
      h(Button, { disabled: name.trim() === "" || name.trim() === state.name, children: texts.settings.saveName }),
    ),
  );
}

function Choice(props: {
  name: "language" | "appearance";
  label: string;
  children?: ComponentChildren;
}): ComponentChild {
  const { app, state } = useScreen();
  const { name, label, children } = props;
  const chosen = ({ currentTarget }: { currentTarget: HTMLSelectElement }) =>
    void app.prefer({ [name]: currentTarget.value } as Partial<Preferences>);
  return h(
    "div",
    { class: "setting" },
    h("label", { for: name }, label),
    h("select", { id: name, value: state.preferences[name], onChange: chosen }, children),
  );
}

function Switch({
  name,
  label,
}: {
  readonly name: "readReceipts" | "notifications";
  readonly label: string;
}): ComponentChild {
  const { app, state } = useScreen();
  return h(
    "div",
    { class: "setting" },
    h("label", { for: name }, label),
    h("input", {
      ...{ id: name, type: "checkbox", role: "switch", class: "switch", checked: state.preferences[name] },
      onChange: ({ currentTarget }: { currentTarget: HTMLInputElement }) =>
        void app.prefer({ [name]: currentTarget.checked }),
    }),
  );
}
