import { type ComponentChild, h } from "preact";
import { useMemo, useState } from "preact/hooks";
import { encodeQR } from "qr";
import type { Invited } from "../model/state.js";
import { useScreen } from "./context.js";
import { Button, Dialog } from "./parts.js";

/** A link to send or to let scan. */
export function InviteDialog({ made }: { readonly made: Invited | null }): ComponentChild {
  const { app, texts } = useScreen();
  const words = texts.invite;
  return h(
    Dialog,
    { title: words.title, onClose: () => app.show(null) },
    h("p", null, words.lead),
    made === null ? h("p", { role: "status" }, words.making) : h(Link, { link: made.link }),
  );
}

function Link({ link }: { readonly link: string }): ComponentChild {
  const { texts } = useScreen();
  const words = texts.invite;
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    setCopied(true);
  };
  return h(
    "div",
    { class: "stack" },
    h(QrCode, { text: link, label: words.qr }),
    h("label", { for: "link" }, words.link),
    h("input", {
      ...{ id: "link", class: "code", type: "text", readOnly: true, value: link },
      onFocus: ({ currentTarget }: { currentTarget: HTMLInputElement }) => currentTarget.select(),
    }),
    h(
      "div",
      { class: "actions" },
      h(Button, {
        kind: "primary",
        icon: isCopied ? "check" : "copy",
        onClick: copy,
        children: isCopied ? words.copied : words.copy,
      }),
      "share" in navigator &&
        h(Button, { onClick: () => navigator.share({ url: link }).catch(() => {}), children: words.share }),
    ),
    h("p", { class: "hint", role: "status" }, words.waiting),
  );
}

function QrCode({ text, label }: { readonly text: string; readonly label: string }): ComponentChild {
  const { side, path } = useMemo(() => {
    const dots = encodeQR(text, "raw", { ecc: "low" });
    const squares = dots.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { side: dots.length, path: squares.join("") };
  }, [text]);
  // Always dark on light: many scanners read nothing else.
  return h(
    "svg",
    { class: "qr", role: "img", "aria-label": label, viewBox: `0 0 ${side} ${side}` },
    h("path", { d: path }),
  );
}
