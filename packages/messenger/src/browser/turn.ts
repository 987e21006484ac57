/** How long the tab that has the turn may take to end what it does. One that is frozen never answers. */
const yieldMs = 2000;
const please = "please yield";

/** One tab's turn. */
export interface Turn {
  /** Lets the next one in. Call it when nothing is done any more. */
  release(): void;
}

export interface TurnOptions {
  /** Asks the tab that has the turn to give it up; otherwise waits until it is free. */
  readonly take: boolean;
  /** Another tab asks for the turn: end everything, then call `release`. Or it has been taken: end everything. */
  readonly asked: () => void;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for this tab's turn: of all tabs with one name only one has it.
 *
 * @throws the reason of `signal`
 */
export async function takeTurn(name: string, { take, asked, signal }: TurnOptions): Promise<Turn> {
  const channel = new BroadcastChannel(name);
  if (take) channel.postMessage(please);
  const release = await lock(name, take, asked, signal).catch((error: unknown) => {
    channel.close();
    throw error;
  });
  channel.onmessage = ({ data }) => {
    if (data === please) asked();
  };
  return {
    release() {
      channel.close();
      release();
    },
  };
}

/** Resolves when the lock is there, to what gives it back. */
function lock(name: string, take: boolean, taken: () => void, signal?: AbortSignal): Promise<() => void> {
  return new Promise((resolve, reject) => {
    let has = false;
    const hold = () => {
      has = true;
      clearTimeout(patience);
      return new Promise<void>((release) => resolve(release));
    };
    const failed = (error: unknown) => (has ? taken() : reject(error));
    const waiting = new AbortController();
    signal?.addEventListener("abort", () => waiting.abort(signal.reason));
    const patience = take ? setTimeout(() => waiting.abort(steal), yieldMs) : undefined;
    navigator.locks.request(name, { signal: waiting.signal }, hold).catch((error: unknown) => {
      if (error !== steal) return failed(error);
      navigator.locks.request(name, { steal: true }, hold).catch(failed);
    });
  });
}

const steal = Symbol("the turn is taken without an answer");
