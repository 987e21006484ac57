import { type ComponentChild, h } from "preact";
import { useScreen } from "./context.js";
import { Icon } from "./icons.js";
import { Button, Dialog } from "./parts.js";

/** Who somebody is: state, safety number, address. */
export function ContactDialog({
  contact: fingerprint,
  safetyNumber,
}: {
  readonly contact: string;
  readonly safetyNumber: string;
}): ComponentChild {
  const { app, state, texts } = useScreen();
  const contact = state.contacts.find((known) => known.fingerprint === fingerprint);
  if (contact === undefined) return null;
  const words = texts.safety;
  const isLinked = contact.state === "linked" || contact.state === "verified";
  const groups = safetyNumber.match(/\d{5}/g) ?? [];
  return h(
    Dialog,
    { title: contact.name || texts.contact.nameless, onClose: () => app.show(null) },
    h(
      "p",
      { class: `contact-state state-${contact.state}` },
      contact.state === "verified" && h(Icon, { name: "shield" }),
      texts.contact[contact.state],
    ),
    isLinked && [
      h("h3", null, words.title),
      h("p", null, words.lead),
      h(
        "p",
        { class: "safety-number" },
        groups.map((group, index) => [index > 0 && " ", h("span", null, group)]),
      ),
      contact.state === "verified"
        ? h("p", { class: "hint" }, words.isVerified)
        : h(
            "div",
            { class: "actions" },
            h(Button, {
              kind: "primary",
              icon: "check",
              onClick: () => app.verify(fingerprint),
              children: words.confirm,
            }),
          ),
    ],
    h("h3", null, words.fingerprint),
    h("p", { class: "code fingerprint" }, fingerprint),
  );
}
