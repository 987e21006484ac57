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
 * Runs hooks one after another on one box. Resolves to false when one of them ends the message's way. A hook that throws or
 * takes too long is reported, and the message goes on as that hook left it. A value of another type is reported as well, and
 * ends the chain with `HookError`.
 */
export async function runHooks(chain: readonly Hook[], box: Box<Payload>, world: HookWorld): Promise<boolean> {
  const payload = box.value;
  for (const hook of chain) {
    try {
      if ((await inTime(hook, box, world)) === false) return false;
    } catch (error) {
      world.failed(hook.extension, asError(error));
    }
    if (sameType(box.value, payload)) continue;
    const error = new HookError("a hook left a value of another type in its box");
    world.failed(hook.extension, error);
    throw error;
  }
  return true;
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
