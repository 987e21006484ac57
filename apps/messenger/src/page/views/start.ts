import { type ComponentChild, type ComponentChildren, h } from "preact";
import { useState } from "preact/hooks";
import { useScreen } from "./context.js";
import { Button } from "./parts.js";

/** The screens before there is anything else. */
function Start({ children }: { readonly children?: ComponentChildren }): ComponentChild {
  return h(
    "main",
    { class: "start" },
    h("div", { class: "start-card" }, h("img", { src: "/icon.svg", alt: "", width: 72, height: 72 }), children),
  );
}

export function Opening(): ComponentChild {
  const { texts } = useScreen();
  return h(Start, null, h("p", { role: "status", class: "quiet" }, texts.start.opening));
}

const nameBytesMax = 64;

export function Welcome(): ComponentChild {
  const { app, state, texts } = useScreen();
  const [name, setName] = useState("");
  const isInvited = state.invitation !== null;
  const submit = (event: Event) => {
    event.preventDefault();
    void app.begin(name);
  };
  return h(
    Start,
    null,
    h("h1", null, texts.start.title),
    h("p", { class: "lead" }, isInvited ? texts.start.invited : texts.start.lead),
    h(
      "form",
      { class: "stack", onSubmit: submit },
      h("label", { for: "name" }, texts.start.nameLabel),
      h("input", {
        ...{ id: "name", type: "text", value: name, autocomplete: "nickname", autofocus: true, required: true },
        "aria-describedby": "name-hint",
        onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => setName(cut(currentTarget)),
      }),
      h("p", { id: "name-hint", class: "hint" }, texts.start.nameHint),
      h(Button, {
        kind: "primary",
        disabled: name.trim() === "",
        children: isInvited ? texts.start.acceptAndBegin : texts.start.begin,
      }),
    ),
    isInvited && h("p", { class: "hint" }, texts.accept.questionLead),
  );
}

/** As much of a name as the protocol takes. */
export function cut(input: HTMLInputElement): string {
  const characters = [...input.value];
  while (new TextEncoder().encode(characters.join("")).length > nameBytesMax) characters.pop();
  input.value = characters.join("");
  return input.value;
}

export function Elsewhere(): ComponentChild {
  const { app, texts } = useScreen();
  return h(
    Start,
    null,
    h("h1", null, texts.elsewhere.title),
    h("p", { class: "lead" }, texts.elsewhere.lead),
    h(Button, { kind: "primary", onClick: () => app.open(), children: texts.elsewhere.here }),
  );
}

export function Broken(): ComponentChild {
  const { state, texts } = useScreen();
  return h(
    Start,
    null,
    h("h1", null, texts.broken.title),
    h("p", { class: "lead", role: "alert" }, state.problem),
    h(Button, { kind: "primary", onClick: () => location.reload(), children: texts.broken.again }),
  );
}
