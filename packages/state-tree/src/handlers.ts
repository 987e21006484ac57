import { StateTreeError } from "./errors.js";
import { isPlain, type Plain } from "./plain.js";
import { nameOfKind } from "./show.js";

/**
 * What a message does to its core. It changes neither; what it returns is combined into the core, one element after another.
 * An element may be a message again. Anything but an array means that it failed.
 *
 * @typeParam C - the core it works on, as it knows it
 * @typeParam M - the message, as it knows it
 */
export type Handler<C = never, M = never> = (core: C, message: M) => unknown;

/** A part of a core that knows one message. */
export interface HandlerPart<Name extends string = string, F extends Handler = Handler> {
  readonly handlers: { readonly [N in Name]: { readonly handle: F } };
}

/** A message: the name of the handler, and whatever that one reads. */
export interface Message {
  readonly handler: string;
  readonly [key: string]: unknown;
}

/**
 * Makes a function a handler: `h(send)` is `{handlers: {send: {handle: send}}}`.
 *
 * @param name - what messages call it by; the function's own name by default
 * @throws {StateTreeError} `BAD_ARGUMENT` if it is no function or has no name.
 */
export function h<F extends Handler, Name extends string = string>(fn: F, name?: Name): HandlerPart<Name, F> {
  if (typeof fn !== "function")
    throw new StateTreeError("BAD_ARGUMENT", `a handler is a function, not ${nameOfKind(fn)}`);
  const key = name ?? (fn.name as Name);
  if (typeof key !== "string" || key === "" || key === "__proto__") {
    throw new StateTreeError("BAD_ARGUMENT", "a handler needs a name: h(fn, name)");
  }
  return { handlers: { [key]: { handle: fn } } } as HandlerPart<Name, F>;
}

/** A plain object with handlers. */
export type Core = Plain & { readonly handlers: Plain };

/** Whether a plain object has handlers. */
export function isCore(value: Plain): value is Core {
  return Object.hasOwn(value, "handlers") && isPlain(value.handlers);
}

/** Whether a plain object names a handler. */
export function isMessage(value: Plain): value is Plain & Message {
  return typeof value.handler === "string" && Object.hasOwn(value, "handler");
}
