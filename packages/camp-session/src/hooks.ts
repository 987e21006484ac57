/** A value that a hook may replace. */
export interface Box<T> {
  value: T;
}

/** The kinds of message that pass through hooks. */
export type MessageKind = "utf8" | "binary" | "error";

/** The payload of a message: text for "utf8" and "error", bytes for "binary". */
export type Payload = string | Uint8Array;

/** One hook, already bound to the extension and the session it belongs to. False ends the message's way. */
export interface Hook {
  /** The name of the extension, for reports. */
  readonly extension: string;
  run(box: Box<Payload>): unknown;
}

/** The chains of one session. An empty chain costs nothing: the message stays synchronous. */
export interface Hooks {
  /** The hooks to run before a message of this kind leaves; the array is never changed once it was handed out. */
  sending(kind: MessageKind): readonly Hook[];
  /** The hooks to run after a message of this kind arrived. */
  receiving(kind: MessageKind): readonly Hook[];
}

export const noHooks: Hooks = { sending: () => [], receiving: () => [] };
