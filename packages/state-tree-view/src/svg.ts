const namespace = "http://www.w3.org/2000/svg";

/** Help with SVG in pages. */
export const svg = {
  /** The element of the page with this id; null if there is none. */
  elt(id: string): HTMLElement | null {
    return document.getElementById(id);
  },

  /** A new SVG element with these attributes. */
  make<K extends keyof SVGElementTagNameMap>(
    name: K,
    attributes: Readonly<Record<string, string | number>> = {},
    text?: string,
  ): SVGElementTagNameMap[K] {
    const element = document.createElementNS(namespace, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    if (text !== undefined) element.textContent = text;
    return element;
  },
};
