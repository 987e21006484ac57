import { fieldsOf } from "session-recorder";
import { ReplayError } from "./replay-error.js";

/** What the line of a frame tells, and filler for the content that it does not have. */
export class LineFields {
  readonly type: string;
  readonly #fields: ReturnType<typeof fieldsOf>;
  readonly #maxBytes: number;

  /** @param maxBytes no content of a frame has more */
  constructor(line: string, maxBytes: number) {
    this.#fields = fieldsOf(line);
    this.type = String(this.#fields.type);
    this.#maxBytes = maxBytes;
  }

  number(name: string): number {
    return Number(this.#fields[name] ?? 0);
  }

  bigint(name: string): bigint {
    return BigInt(this.#fields[name] ?? 0);
  }

  has(word: string): boolean {
    return this.#fields[word] === true;
  }

  /** @throws {ReplayError} for sizes that no frame has, as `bytes` does */
  text(name: string): string {
    return "x".repeat(this.#size(name));
  }

  bytes(name: string): Uint8Array {
    return new Uint8Array(this.#size(name));
  }

  #size(name: string): number {
    const size = Number.parseInt(String(this.#fields[name] ?? 0), 10);
    if (size >= 0 && size <= this.#maxBytes) return size;
    throw new ReplayError(`a frame has no ${name} of ${size} bytes`);
  }
}
