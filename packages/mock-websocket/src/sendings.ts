/** Told once what was sent has left, or with an error if it will not. */
export type Sent = (error?: Error) => void;

/** Who is to be told when what they sent has left the socket. */
export class Sendings {
  readonly #waiting: { readonly endBytes: number; readonly sent: Sent }[] = [];
  #handedBytes = 0;

  /** So many bytes were handed over. */
  handed(bytes: number, sent: Sent | undefined): void {
    this.#handedBytes += bytes;
    if (sent !== undefined) this.#waiting.push({ endBytes: this.#handedBytes, sent });
  }

  /** So many of all that was handed over have not left yet. */
  buffered(bytes: number): void {
    const leftBytes = this.#handedBytes - bytes;
    while (this.#waiting.length > 0 && this.#waiting[0]!.endBytes <= leftBytes) this.#waiting.shift()!.sent();
  }

  fail(): void {
    for (const { sent } of this.#waiting.splice(0)) sent(new Error("the connection was closed before this had left"));
  }
}
