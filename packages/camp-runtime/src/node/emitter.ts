import type { EventEmitter } from "node:events";

/** Names of events and the arguments of their listeners. */
export type Events<E> = Record<keyof E, unknown[]>;

/**
 * Emits an event so that no listener can disturb the caller: one that throws, or whose promise rejects, is reported as
 * `error` and the next listener still gets its turn. Returns whether anybody listened.
 */
export function publish<E extends Events<E>, K extends keyof E & string>(
  emitter: EventEmitter<E>,
  event: K,
  ...args: E[K]
): boolean {
  const plain = emitter as unknown as EventEmitter;
  const listeners = plain.rawListeners(event);
  for (const listener of listeners) callListener(plain, event, listener, args);
  return listeners.length > 0;
}

/**
 * Tells what a callback of the user threw: to the listeners of `error` if there are any, else as an uncaught exception,
 * as Node does. An `error` listener that fails itself has nobody else to tell.
 */
export function reportFailure(emitter: EventEmitter, error: unknown): void {
  if (emitter.listenerCount("error") === 0) raise(error);
  else for (const listener of emitter.rawListeners("error")) callListener(emitter, "error", listener, [error]);
}

/** Calls one listener of an event, given as `rawListeners` has it; a failure is reported. */
// biome-ignore lint/complexity/noBannedTypes: the type that `rawListeners` gives
export function callListener(emitter: EventEmitter, event: string, listener: Function, args: unknown[]): void {
  const failed = event === "error" ? raise : (error: unknown) => reportFailure(emitter, error);
  try {
    const result: unknown = Reflect.apply(listener, emitter, args);
    if (isThenable(result)) result.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}

/** Thrown where no frame of ours is on the stack: the process decides, and the protocol goes on if the process does. */
function raise(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
