import { type ComponentChild, type ComponentChildren, h } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useScreen } from "./context.js";
import { Icon, type IconName } from "./icons.js";

interface ButtonProps {
  readonly kind?: "primary" | "quiet" | "plain";
  readonly icon?: IconName;
  readonly disabled?: boolean;
  readonly onClick?: () => unknown;
  readonly children?: ComponentChildren;
}

/** A button with a text. Without `onClick` it sends its form. */
export function Button({ kind = "plain", icon, disabled = false, onClick, children }: ButtonProps): ComponentChild {
  const type = onClick === undefined ? "submit" : "button";
  const click = onClick && (() => void onClick());
  return h(
    "button",
    { type, class: `button ${kind}`, disabled, onClick: click },
    icon && h(Icon, { name: icon }),
    h("span", null, children),
  );
}

/** A button with a drawing. */
export function IconButton(props: {
  icon: IconName;
  label: string;
  onClick: () => unknown;
  class?: string;
}): ComponentChild {
  const { icon, label, onClick } = props;
  return h(
    "button",
    {
      type: "button",
      class: `icon-button ${props.class ?? ""}`,
      "aria-label": label,
      title: label,
      onClick: () => void onClick(),
    },
    h(Icon, { name: icon }),
  );
}

/** A name or text of a stranger: its direction stays its own affair. */
export function Stranger({
  text,
  class: className = "",
}: {
  readonly text: string;
  readonly class?: string;
}): ComponentChild {
  return h("bdi", { class: `stranger ${className}` }, text);
}

const hues = 12;

/** A disc with the first letter, in a colour that comes from the key. */
export function Avatar({ name, fingerprint }: { readonly name: string; readonly fingerprint: string }): ComponentChild {
  const hue = [...fingerprint].reduce((sum, character) => sum + character.charCodeAt(0), 0) % hues;
  const letter = [...name.trim().normalize("NFC")].find((character) => /[\p{L}\p{N}]/u.test(character)) ?? "·";
  return h("span", { class: `avatar hue-${hue}`, "aria-hidden": "true" }, letter.toUpperCase());
}

/** A window over the rest. Esc and a click beside it close it. */
export function Dialog(props: { title: string; onClose: () => void; children?: ComponentChildren }): ComponentChild {
  const { texts } = useScreen();
  const { title, onClose, children } = props;
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  const beside = (event: MouseEvent) => {
    if (event.target === element.current) onClose();
  };
  return h(
    "dialog",
    {
      ref: element,
      "aria-labelledby": "dialog-title",
      onClick: beside,
      onCancel: (event: Event) => {
        event.preventDefault();
        onClose();
      },
    },
    h(
      "div",
      { class: "dialog-body" },
      h(
        "header",
        { class: "dialog-head" },
        h("h2", { id: "dialog-title" }, title),
        h(IconButton, { icon: "close", label: texts.close, onClick: onClose }),
      ),
      children,
    ),
  );
}

/** What is there when nothing is there. */
export function Empty(props: {
  icon: IconName;
  title: string;
  lead: string;
  children?: ComponentChildren;
}): ComponentChild {
  const { icon, title, lead, children } = props;
  return h(
    "div",
    { class: "empty" },
    h("div", { class: "empty-mark" }, h(Icon, { name: icon })),
    h("h2", null, title),
    h("p", null, lead),
    children,
  );
}
