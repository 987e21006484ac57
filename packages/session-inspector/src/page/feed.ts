/** What a feed brings. */
export interface FeedListener {
  /** The recording begins: at first, after a break, and when the page was too slow. */
  begins(): void;
  lines(lines: readonly string[]): void;
  /** How it stands, in words; null while all is well. */
  trouble(text: string | null): void;
}

const againMs = 1000;
const maxLineCharacters = 200_000;

/** Reads the steps of the server as they come, and comes back after a break, until the signal is aborted. */
export async function follow(token: string, listener: FeedListener, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await readOnce(token, listener, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused) return listener.trouble(error.message);
    }
    listener.trouble("The process does not answer; it is tried again.");
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

class Refused extends Error {}

async function readOnce(token: string, listener: FeedListener, signal: AbortSignal): Promise<void> {
  const response = await fetch("/steps", { headers: { authorization: `Bearer ${token}` }, signal, cache: "no-store" });
  if (!response.ok) throw new Refused(`Refused: ${(await response.text()).slice(0, 200)}`);
  listener.begins();
  listener.trouble(null);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop()!;
    if (rest.length > maxLineCharacters) throw new Error("a line without an end");
    if (lines.length > 0) listener.lines(lines);
  }
}
