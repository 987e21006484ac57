import { decode, FrameType } from "camp-protocol";
import type { CampSession, IncomingStream, StreamSource } from "camp-session";

const typeAt = 8;

/** What a recording tells of a stream that its end sent. */
export interface SentStream {
  readonly txId: number;
  readonly name: string;
  /** Null if the sender did not know it. */
  readonly size: bigint | null;
  readonly behaviour: "push" | "pull";
  /** In the order in which they left. Without payloads their bytes are zeros. */
  readonly chunks: readonly { readonly offset: number; readonly payload: Uint8Array }[];
  /** Whether its source failed. */
  readonly failed: boolean;
}

/** The streams of a replayed session: incoming ones are read as they come, outgoing ones have the bytes of the recording. */
export class ReplayStreams {
  readonly #session: CampSession;
  readonly #incoming = new Map<number, IncomingStream>();
  readonly #failing = new Map<number, (error: Error) => void>();

  constructor(session: CampSession) {
    this.#session = session;
  }

  /** A frame comes: if a stream begins with it, somebody waits for it. */
  expect(frame: Uint8Array): void {
    const start = frame[typeAt] === FrameType.tx_start ? decoded(frame) : null;
    if (start?.type !== "tx_start") return;
    this.#session.waitForStream(start.name === "" ? "anonymous" : start.name).then(
      (stream) => this.#read(stream),
      () => undefined, // the session ended first
    );
  }

  cancel(txId: number): void {
    this.#incoming.get(txId)?.cancel("cancelled");
  }

  async fetch(txId: number, start: bigint, end: bigint): Promise<void> {
    const stream = this.#incoming.get(txId);
    if (stream !== undefined) await this.#session.requestRange(stream, start, end);
  }

  send(sent: SentStream): Promise<void> {
    const { name, behaviour, size, failed } = sent;
    const source = size === null || failed ? this.#pieces(sent) : known(sent, size);
    return this.#session.stream(source, { name, behaviour });
  }

  /** The source of a stream fails, as it did in the recording. */
  fail(txId: number): void {
    this.#failing.get(txId)?.(new Error("the source failed"));
  }

  /** The chunks one after another, and then the end or, when the time has come, the failure. */
  #pieces({ txId, size, chunks, failed }: SentStream): StreamSource {
    const failure = new Promise<never>((_, reject) => this.#failing.set(txId, reject));
    failure.catch(() => undefined);
    const left = [...chunks];
    const next = async (): Promise<Uint8Array | null> => left.shift()?.payload.slice() ?? (failed ? failure : null);
    return { kind: "sequential", size, next, close: () => undefined };
  }

  #read(stream: IncomingStream): void {
    this.#incoming.set(stream.txId, stream);
    const take = (): void => {
      while (stream.take() !== null) {
        // taking is what grants more
      }
    };
    stream.onChange = take;
    take();
  }
}

/** A source that can be read anywhere: what the recording does not have is zeros. */
function known({ chunks }: SentStream, size: bigint): StreamSource {
  const viewAt = (position: bigint, bytes: number): Uint8Array => {
    const start = Number(position);
    const view = new Uint8Array(bytes);
    for (const { offset, payload } of chunks) {
      const from = Math.max(start, offset);
      const to = Math.min(start + bytes, offset + payload.byteLength);
      if (from < to) view.set(payload.subarray(from - offset, to - offset), from - start);
    }
    return view;
  };
  const readAt = (targets: readonly Uint8Array[], position: bigint): number => {
    let at = Number(position);
    for (const target of targets) {
      target.set(viewAt(BigInt(at), target.byteLength));
      at += target.byteLength;
    }
    return at - Number(position);
  };
  return { kind: "random", size, readAt, viewAt, close: () => undefined };
}

function decoded(frame: Uint8Array): ReturnType<typeof decode> | null {
  try {
    return decode(frame);
  } catch {
    return null;
  }
}
