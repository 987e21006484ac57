/** As much of Node's Buffer as tests use. Texts are encoded by the browser itself, lone surrogates included. */
export class PageBuffer extends Uint8Array {
  static override from(content: string | ArrayLike<number> | ArrayBuffer, encoding = "utf8"): PageBuffer {
    if (typeof content !== "string") return new PageBuffer(content as ArrayLike<number>);
    if (encoding === "hex")
      return new PageBuffer((content.match(/../g) ?? []).map((digits) => Number.parseInt(digits, 16)));
    return new PageBuffer(new TextEncoder().encode(content));
  }

  static alloc(bytes: number): PageBuffer {
    return new PageBuffer(bytes);
  }

  static byteLength(text: string): number {
    return PageBuffer.from(text).byteLength;
  }

  static concat(parts: readonly Uint8Array[]): PageBuffer {
    const whole = new PageBuffer(parts.reduce((bytes, part) => bytes + part.byteLength, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.byteLength;
    }
    return whole;
  }

  equals(other: Uint8Array): boolean {
    return this.byteLength === other.byteLength && this.every((byte, index) => byte === other[index]);
  }

  // @ts-expect-error: Node's Buffer looks for texts where a Uint8Array looks for a number
  override includes(text: string): boolean {
    return this.toString("hex").includes(PageBuffer.from(text).toString("hex"));
  }

  override toString(encoding = "utf8"): string {
    if (encoding === "hex") return Array.from(this, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this);
  }
}
