import { HandlerError, StateTreeError } from "./errors.js";
import { freezeAll } from "./freeze.js";
import { type Core, isCore, isMessage, type Message } from "./handlers.js";
import { isPlain, type Plain } from "./plain.js";
import { type Chain, namesOf, type Path, type Run } from "./run.js";
import { keyText, nameOfKind } from "./show.js";
import { step } from "./step.js";

/** What a handler returned, as far as it has been combined. */
interface Answer {
  readonly values: readonly unknown[];
  readonly end: number;
  next: number;
  /** The handlers that led to it. */
  readonly chain: Chain;
  /** The answer that goes on when this one is at its end. */
  readonly before: Answer | null;
}

/**
 * A message acts on its core: what the handler returns is combined into it, one element after another and depth first. The
 * answers wait in a list rather than on the call stack, so that a long cascade ends at its limit and not in an overflow.
 */
export function cascade(core: Core, message: Message, run: Run, path: Path | null): unknown {
  const before = run.chain;
  let at: Answer | null = answer(core, message, run, null);
  let result: unknown = core;
  while (at !== null) {
    if (at.next === at.end) {
      at = at.before;
      continue;
    }
    const value = at.values[at.next++];
    run.chain = at.chain;
    if (isPlain(value) && isMessage(value) && isPlain(result) && isCore(result)) at = answer(result, value, run, at);
    else result = step(result, value, run, path);
  }
  run.chain = before;
  return result;
}

/** What the handler of a message returns. */
function answer(core: Core, message: Message, run: Run, before: Answer | null): Answer {
  const chain: Chain = { handler: message.handler, before: run.chain };
  if (++run.handlersRun > run.cascadeLimit) throw endless(chain, run.cascadeLimit);
  const name = message.handler;
  const entry = Object.hasOwn(core.handlers, name) ? core.handlers[name] : undefined;
  const handler = entry as { readonly handle?: unknown } | null | undefined;
  if (typeof handler?.handle !== "function") throw unknown(name, core.handlers);
  const returned: unknown = handler.handle(core, message);
  if (!Array.isArray(returned)) throw failed(name, returned, chain);
  if (run.freezes) for (const element of returned) freezeAll(element);
  return { values: returned, end: returned.length, next: 0, chain, before };
}

function endless(chain: Chain, limit: number): StateTreeError {
  return new StateTreeError("CASCADE_LIMIT", `more than ${limit} handlers for one message: ${chainText(chain)}`);
}

function unknown(name: string, handlers: Plain): StateTreeError {
  const known = Object.keys(handlers);
  const listed = known.slice(0, 20).map(keyText).join(", ") + (known.length > 20 ? ", …" : "");
  return new StateTreeError("UNKNOWN_HANDLER", `no handler ${keyText(name)}; known are ${listed || "none"}`);
}

function failed(name: string, returned: unknown, chain: Chain): HandlerError {
  const message = `handler ${keyText(name)} returned ${nameOfKind(returned)} and not a list of values to combine`;
  return new HandlerError(name, returned, namesOf(chain), `${message}: ${chainText(chain)}`);
}

function chainText(chain: Chain): string {
  const names = namesOf(chain).map(keyText);
  return (names.length <= 8 ? names : [...names.slice(0, 4), "…", ...names.slice(-3)]).join(" → ");
}
