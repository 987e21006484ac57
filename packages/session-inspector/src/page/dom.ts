import { printable } from "state-tree";

type Child = Node | string | null;

/** An element with attributes (false leaves one out) and children. Texts are text, whatever they hold. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number | boolean>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A button and what it does. */
export function button(
  text: string,
  press: () => void,
  attributes: Readonly<Record<string, string>> = {},
): HTMLButtonElement {
  const element = el("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", press);
  return element;
}

/** A table of names and values, whatever they hold. */
export function table(caption: string, rows: readonly (readonly [name: string, ...values: string[]])[]): HTMLElement {
  const lines = rows.map(([name, ...values]) =>
    el("tr", {}, el("th", { scope: "row" }, printable(name)), ...values.map((value) => el("td", {}, printable(value)))),
  );
  return el("table", {}, el("caption", {}, caption), el("tbody", {}, ...lines));
}
