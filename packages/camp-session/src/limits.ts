/** What happens to messages that find the queue full. */
export type DropPolicy = "drop-oldest" | "drop-newest" | "dedupe-latest";

/** When sending waits and how much may wait. */
export interface Backpressure {
  /** From this many bytes in the socket's buffer on, sending waits. */
  readonly highWaterMark: number;
  /** Below this many bytes in the socket's buffer, sending goes on. */
  readonly lowWaterMark: number;
  /** Bytes of messages that may wait; beyond, the drop policy decides. */
  readonly maxQueuedBytes: number;
  /** Messages that may wait; beyond, the drop policy decides. */
  readonly maxQueueCount: number;
  readonly dropPolicy: DropPolicy;
}

/** The settings of one session. Times are in milliseconds. */
export interface SessionSettings {
  readonly keepAliveIntervalMs: number;
  /** How long a message may stay unacknowledged after it left. */
  readonly ackTimeoutMs: number;
  /** How long the peer may take to introduce itself. */
  readonly handshakeTimeoutMs: number;
  /** How long one hook may take with one message. */
  readonly hookTimeoutMs: number;
  /** How long a graceful close may take in all. */
  readonly closeTimeoutMs: number;
  /** How long readers may leave a paused session waiting before its fullest stream is cancelled. */
  readonly streamStallTimeoutMs: number;
  /** Streams open at a time, per direction: more of the peer's are cancelled, more of this end's wait. */
  readonly maxStreams: number;
  readonly backpressure: Backpressure;
}

export const KIB = 1024;
export const MIB = 1024 * 1024;

export const defaultBackpressure: Backpressure = {
  highWaterMark: 16 * MIB,
  lowWaterMark: MIB,
  maxQueuedBytes: 8 * MIB,
  maxQueueCount: 1024,
  dropPolicy: "drop-oldest",
};

export const defaultSettings: SessionSettings = {
  keepAliveIntervalMs: 15_000,
  ackTimeoutMs: 10_000,
  handshakeTimeoutMs: 5_000,
  hookTimeoutMs: 10_000,
  closeTimeoutMs: 3_000,
  streamStallTimeoutMs: 10_000,
  maxStreams: 256,
  backpressure: defaultBackpressure,
};

/** Unacknowledged frames beyond which nothing more is handed over: a peer that never acknowledges cannot grow the ledger. */
export const unackedFramesMax = 65_536;
/** Control frames waiting for a peer that does not read. */
export const controlBytesMax = MIB;
/** Frames kept to be sent again after a cut, acknowledgements included, before a peer is given up that never confirms any. */
export const journalFramesMax = 2 * unackedFramesMax;
/** What may have come before the peer is told that it need not be kept: frames, and bytes. */
export const receiptFrames = 128;
export const receiptBytes = 256 * KIB;
/** How long the peer may stay silent after the close frame. */
export const terminateAfterMs = 500;

/** Payload of the stream chunks that we send. */
export const chunkBytes = 64 * KIB;
/** Chunks enter the socket only while it holds less, so that no message waits behind megabytes. */
export const streamLowMark = 256 * KIB;
/** Stream bytes per turn of the event loop: on a fast link writes complete at once and would starve everything else. */
export const streamBytesPerTurn = 256 * KIB;
/** Messages in a row after which each stream may send a chunk. */
export const messageRunBytes = 256 * KIB;

/** Messages held by slow hooks before reading pauses. */
export const inboxFramesMax = 1024;
export const inboxBytesMax = 8 * MIB;

/** Frames of an unknown type that are forgiven within a minute. */
export const unknownFramesMax = 16;
/** Pings answered at once; one more each second. A ping flood must not become our load. */
export const pingBucket = 10;
/** Calls of `ping()` that may wait for their answer. */
export const pendingPingsMax = 1024;

/** Streams nobody waits for yet: number, bytes of all, and time of each. */
export const unclaimedStreamsMax = 64;
export const unclaimedBytesMax = 4 * MIB;
export const unclaimedMs = 30_000;
/** Empty chunks in a row that a stream may bring. */
export const emptyChunksMax = 1024;

/** Push bytes that may be sent before the reader grants any (rules 18). */
export const unaskedBytes = 256 * KIB;
/** What a reader grants at a time, and the most that a peer may grant us at once. */
export const creditWindow = MIB;
export const creditWindowMax = 4 * MIB;
/** Grants in a row that found everything taken: the reader waits for the network, and the window doubles. */
export const grantsBeforeGrowth = 4;
/** Up to here the window grows however quickly it comes back, and beyond only where grants are so far apart: 2 Gbit/s. */
export const quickCreditWindowMax = 2 * MIB;
export const slowGrantMs = 4;
/** Unread push bytes of a session at which reading stops, and goes on, where the peer knows no credit (rules 19). */
export const pauseAtBytes = 4 * MIB;
export const resumeAtBytes = 2 * MIB;
/** Where reading cannot be stopped, a stream that nobody reads is cancelled at this size. */
export const unpausableBytesMax = 16 * MIB;

/** Pull: size of one fetch and what may be asked for and unread at a time (rules 22). */
export const fetchBytes = 256 * KIB;
export const fetchWindow = MIB;
/** Pull: fetches waiting per stream, pieces of the covered range, and bytes served in all (rules 21). */
export const pendingFetchesMax = 64;
export const coveredRangesMax = 1024;
export const servedBytesMin = 64 * MIB;
export const servedTimesSizeMax = 16n;

/** CALE: how far behind the greatest counter another may come, and how many that are still older are forgiven. */
export const counterWindow = 4096;
export const oldRecordsMax = 16;
/** How far a sender of ours moves on its counter for one record: it encrypts again at most 31 times. */
export const counterGapMax = 32;
/** Records beyond this are handed to the transport in the parts that they were made in. */
export const joinedRecordBytesMax = 4096;
/**
 * Where sealing takes waiting: frames sealed side by side. Of every 32 records one is discarded, and those behind it must be
 * sealed again, so that more of them would be work for nothing.
 */
export const sealsInFlightMax = 16;
/** Where opening takes waiting: records opened side by side. */
export const opensInFlightMax = 64;
