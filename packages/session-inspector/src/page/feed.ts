/** What a feed brings. */
export interface FeedListener {
  /** The recording begins: at first, after a break, and when it was asked for again. */
  begins(): void;
  lines(lines: readonly string[]): void;
  /** How it stands, in words; null when all is well again. */
  trouble(text: string | null): void;
}

const againMs = 1000;
/** No line is longer; of what is, the beginning is handed on, which nobody can read. */
const maxLineCharacters = 200_000;
/** How long lines may be read before the page is asked whether it has anything else to do. */
const turnMs = 12;

/** The steps of the server as they come. */
export class Feed {
  readonly #token: string;
  #connection = new AbortController();
  #inTrouble = false;

  constructor(token: string) {
    this.#token = token;
  }

  /** Leaves the connection for a new one, in which the recording begins again. */
  again(): void {
    this.#connection.abort();
  }

  /** Reads, and comes back after a break; until it is refused. */
  async follow(listener: FeedListener): Promise<void> {
    for (;;) {
      this.#connection = new AbortController();
      const { signal } = this.#connection;
      try {
        await this.#readOnce(listener, signal);
      } catch (error) {
        if (error instanceof Refused) return listener.trouble(error.message);
      }
      if (signal.aborted) continue;
      this.#inTrouble = true;
      listener.trouble("The process does not answer; it is tried again.");
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }

  async #readOnce(listener: FeedListener, signal: AbortSignal): Promise<void> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const response = await fetch("/steps", { headers, signal, cache: "no-store" });
    if (!response.ok) throw new Refused(`Refused: ${(await response.text()).slice(0, 200)}`);
    if (this.#inTrouble) listener.trouble(null);
    this.#inTrouble = false;
    listener.begins();
    await readLines(response.body!, listener, signal);
  }
}

class Refused extends Error {}

async function readLines(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  listener: FeedListener,
  signal: AbortSignal,
): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let turnEndMs = performance.now() + turnMs;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || signal.aborted) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop()!.slice(0, maxLineCharacters);
    if (lines.length > 0) listener.lines(lines);
    if (performance.now() < turnEndMs) continue;
    // What has come already is read without a pause, and nobody could click meanwhile.
    await new Promise((resolve) => setTimeout(resolve));
    turnEndMs = performance.now() + turnMs;
  }
}
