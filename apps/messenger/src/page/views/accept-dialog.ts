import { type ComponentChild, h } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { isInvitation } from "../model/invitation-link.js";
import { useScreen } from "./context.js";
import { Button, Dialog } from "./parts.js";

/** Asks before an invitation is accepted, or for one. */
export function AcceptDialog({ given }: { readonly given: string | null }): ComponentChild {
  const { app, texts } = useScreen();
  const words = texts.accept;
  const close = () => app.show(null);
  if (given === null) return h(Dialog, { title: words.title, onClose: close }, h(LinkForm, null));
  return h(
    Dialog,
    { title: words.question, onClose: close },
    h("p", null, words.questionLead),
    h(
      "div",
      { class: "actions" },
      h(Button, { kind: "primary", onClick: () => app.accept(given), children: words.accept }),
      h(Button, { onClick: close, children: words.notNow }),
    ),
  );
}

function LinkForm(): ComponentChild {
  const { app, texts } = useScreen();
  const words = texts.accept;
  const [link, setLink] = useState("");
  const [isScanning, setScanning] = useState(false);
  const isWrong = link.trim() !== "" && !isInvitation(link);
  const submit = (event: Event) => {
    event.preventDefault();
    void app.accept(link);
  };
  return h(
    "form",
    { class: "stack", onSubmit: submit },
    h("p", null, words.lead),
    isScanning && h(Camera, { onEnd: () => setScanning(false) }),
    h("label", { for: "pasted" }, words.link),
    h("input", {
      ...{ id: "pasted", class: "code", type: "text", value: link, autocomplete: "off", spellcheck: false },
      ...{ "aria-invalid": isWrong, "aria-describedby": isWrong ? "pasted-problem" : undefined },
      onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => setLink(currentTarget.value),
    }),
    isWrong && h("p", { id: "pasted-problem", class: "problem" }, texts.notice.badLink),
    h(
      "div",
      { class: "actions" },
      h(Button, { kind: "primary", disabled: !isInvitation(link), children: words.accept }),
      navigator.mediaDevices !== undefined &&
        h(Button, { onClick: () => setScanning(!isScanning), children: isScanning ? words.stopScan : words.scan }),
    ),
  );
}

/** What the camera sees, until it sees an invitation. */
function Camera({ onEnd }: { readonly onEnd: () => void }): ComponentChild {
  const { app, texts } = useScreen();
  const words = texts.accept;
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const over = new AbortController();
    // The decoder is loaded when it is needed.
    import("../model/scanner.js")
      .then(({ scan }) => scan(video.current!, isInvitation, over.signal))
      .then((link) => (link === null ? null : app.accept(link, true)))
      .catch(() => {
        app.notice(words.noCamera, "warning");
        onEnd();
      });
    return () => over.abort();
  }, []);
  return h(
    "figure",
    { class: "camera" },
    h("video", { ref: video, muted: true, playsInline: true, "aria-label": words.aim }),
    h("figcaption", { class: "hint" }, words.aim),
  );
}
