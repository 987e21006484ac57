import { type ComponentChild, h } from "preact";
import { useScreen } from "./context.js";
import { Dialog } from "./parts.js";

/** What the messenger protects, and what a web page cannot promise. */
export function AboutDialog(): ComponentChild {
  const { app, texts } = useScreen();
  const { about } = texts;
  const part = (title: string, points: readonly string[]) => [
    h("h3", null, title),
    h(
      "ul",
      { class: "points" },
      points.map((point) => h("li", null, point)),
    ),
  ];
  return h(
    Dialog,
    { title: about.title, onClose: () => app.show(null) },
    part(about.protects, about.protectsList),
    part(about.learns, about.learnsList),
    part(about.cannot, about.cannotList),
    part(about.not, about.notList),
  );
}
