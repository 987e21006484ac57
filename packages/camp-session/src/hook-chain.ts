import { HookError } from "./errors.js";
import type { Box, Hook, Payload } from "./hooks.js";
import type { Timers } from "./timers.js";

/** What a chain needs of its session. */
export interface HookWorld {
  readonly timers: Timers;
  readonly timeoutMs: number;
  /** A hook threw, took too long, or left a value of another type. */
  failed(extension: string, error: Error): void;
}

/**
 * Runs hooks one after another. Resolves to what they made of the payload, or to null when one of them ended the message's way.
 * A hook that throws or takes too long is reported, and the message goes on as that hook left it; each gets a box of its own, so
 * that one which comes too late changes nothing any more. A value of another type is reported as well, and ends the chain with
 * `HookError`.
 */
export async function runHooks(chain: readonly Hook[], payload: Payload, world: HookWorld): Promise<Payload | null> {
  let value = payload;
  for (const hook of chain) {
    const box: Box<Payload> = { value };
    try {
      if ((await inTime(hook, box, world)) === false) return null;
    } catch (error) {
      world.failed(hook.extension, asError(error));
    }
    value = box.value;
    if (sameType(value, payload)) continue;
    const error = new HookError("a hook left a value of another type in its box");
    world.failed(hook.extension, error);
    throw error;
  }
  return value;
}

/** Whether a hook left what it was given: a text for a text, bytes for bytes. */
function sameType(value: unknown, payload: Payload): boolean {
  return typeof payload === "string" ? typeof value === "string" : value instanceof Uint8Array;
}

/** Whatever was thrown, as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function inTime(hook: Hook, box: Box<Payload>, { timers, timeoutMs }: HookWorld): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = timers.after(timeoutMs, () => reject(new HookError(`a hook took longer than ${timeoutMs} ms`)));
    const settle = (done: (value: never) => void) => (value: unknown) => {
      timer.cancel();
      done(value as never);
    };
    Promise.resolve()
      .then(() => hook.run(box))
      .then(settle(resolve), settle(reject));
  });
}
