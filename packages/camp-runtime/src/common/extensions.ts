import type { Box, Hook, Hooks, MessageKind, Payload } from "camp-session";
import { expectFunction, expectString, wrongType } from "./arguments.js";
import { bytesOf } from "./bytes.js";

/** What a hook returns: `false` ends the way of the message, anything else lets it pass on. */
export type HookResult = boolean | Promise<boolean>;

/**
 * Looks at the messages of sessions, changes them or stops them. Hooks run one after another in the order of
 * registration, each sees what the one before left in the box, and the first that returns `false` ends the chain. A hook
 * that throws is reported as `extension-error`, and the message goes on as the hook left it. Bytes in a box are a view
 * that is valid until the hook returned; copy what is to be kept. Do not await a send inside a hook: the message would
 * wait for itself.
 */
export interface Extension<Session, Owner, Data extends Uint8Array = Uint8Array> {
  /** Unique among the extensions of one owner. */
  readonly name: string;
  on_register?(owner: Owner): void;
  on_unregister?(owner: Owner): void;
  before_send_utf8?(session: Session, outgoing_message: Box<string>): HookResult;
  before_send_binary?(session: Session, outgoing_message: Box<Data>): HookResult;
  before_send_error?(session: Session, outgoing_message: Box<string>): HookResult;
  on_receive_utf8?(session: Session, incoming_message: Box<string>): HookResult;
  on_receive_binary?(session: Session, incoming_message: Box<Data>): HookResult;
  on_receive_error?(session: Session, incoming_message: Box<string>): HookResult;
}

/** Told of hooks that threw, took too long, or left something in their box that cannot be sent. */
export type HookFailed<Session> = (extension: string, error: Error, session: Session) => void;

/** What a session needs to know of the extensions around it. */
export interface HookSource<Session> {
  readonly hookFailed: HookFailed<Session>;
  /** The session is asked for when its first hook runs. */
  hooksFor(session: () => Session): Hooks;
}

const sendingHooks = {
  utf8: "before_send_utf8",
  binary: "before_send_binary",
  error: "before_send_error",
} as const satisfies Record<MessageKind, keyof Extension<unknown, unknown>>;

const receivingHooks = {
  utf8: "on_receive_utf8",
  binary: "on_receive_binary",
  error: "on_receive_error",
} as const satisfies Record<MessageKind, keyof Extension<unknown, unknown>>;

type HookName = (typeof sendingHooks)[MessageKind] | (typeof receivingHooks)[MessageKind];
const hookNames: readonly HookName[] = [...Object.values(sendingHooks), ...Object.values(receivingHooks)];
const binaryHooks: ReadonlySet<HookName> = new Set(["before_send_binary", "on_receive_binary"]);

/** The extensions of one owner, a server or a client, in the order of their registration. */
export class Extensions<Session, Owner, Data extends Uint8Array = Uint8Array> implements HookSource<Session> {
  readonly hookFailed: HookFailed<Session>;
  readonly #view: (bytes: Uint8Array) => Data;
  readonly #byName = new Map<string, Extension<Session, Owner, Data>>();
  #revision = 0;

  /** @param view the same memory in the form that hooks are promised */
  constructor(hookFailed: HookFailed<Session>, view: (bytes: Uint8Array) => Data) {
    this.hookFailed = hookFailed;
    this.#view = view;
  }

  /**
   * Adds an extension; it sees the messages that begin from now on. If its `on_register` throws it is not added.
   *
   * @throws TypeError if the name is not a string with characters in it, a hook is no function, or the name is taken
   */
  register(extension: Extension<Session, Owner, Data>, owner: Owner): void {
    checkExtension(extension);
    if (this.#byName.has(extension.name)) throw new TypeError(`an extension named "${extension.name}" is registered`);
    this.#byName.set(extension.name, extension);
    this.#revision += 1;
    try {
      extension.on_register?.(owner);
    } catch (error) {
      this.#remove(extension.name);
      throw error;
    }
  }

  /** Removes an extension, given itself or its name; returns whether it was there. */
  unregister(extension: Extension<Session, Owner, Data> | string, owner: Owner): boolean {
    const name = typeof extension === "string" ? extension : extension.name;
    const registered = this.#byName.get(name);
    if (registered === undefined || (typeof extension !== "string" && extension !== registered)) return false;
    this.#remove(name);
    registered.on_unregister?.(owner);
    return true;
  }

  /** Removes all, the last one first. Errors of their `on_unregister` are gathered and do not stop the others. */
  unregisterAll(owner: Owner): Error[] {
    const errors: Error[] = [];
    for (const name of [...this.#byName.keys()].reverse()) {
      try {
        this.unregister(name, owner);
      } catch (cause) {
        errors.push(new Error(`on_unregister of the extension "${name}" failed`, { cause }));
      }
    }
    return errors;
  }

  get(name: string): Extension<Session, Owner, Data> | null {
    return this.#byName.get(name) ?? null;
  }

  hooksFor(session: () => Session): Hooks {
    return new SessionHooks(this, session);
  }

  /** Changes with every change of the set: chains that were bound to an earlier one are bound anew. */
  get revision(): number {
    return this.#revision;
  }

  /** The hooks of this name, bound to their extensions and a session. */
  bind(hookName: HookName, session: () => Session): readonly Hook[] {
    const chain: Hook[] = [];
    for (const [name, extension] of this.#byName) {
      const hook = extension[hookName] as ((session: Session, box: Box<Payload>) => HookResult) | undefined;
      if (hook === undefined) continue;
      const run = (box: Box<Payload>) => hook.call(extension, session(), box);
      chain.push({ extension: name, run: binaryHooks.has(hookName) ? (box) => run(this.#viewed(box)) : run });
    }
    return chain;
  }

  #viewed(box: Box<Payload>): Box<Payload> {
    // An earlier hook may have left anything here.
    const bytes = bytesOf(box.value);
    if (bytes !== null && bytes === box.value) box.value = this.#view(bytes);
    return box;
  }

  #remove(name: string): void {
    this.#byName.delete(name);
    this.#revision += 1;
  }
}

/** What binds hooks to a session. */
interface Chains<Session> {
  readonly revision: number;
  bind(hookName: HookName, session: () => Session): readonly Hook[];
}

type HookChains = { readonly [Name in HookName]?: readonly Hook[] };

const unbound: HookChains = {};

/** The chains of one session: bound when the first message needs them, kept as long as the set of extensions stays. */
class SessionHooks<Session> implements Hooks {
  readonly #extensions: Chains<Session>;
  readonly #session: () => Session;
  #revision = -1;
  #chains: HookChains = unbound;

  constructor(extensions: Chains<Session>, session: () => Session) {
    this.#extensions = extensions;
    this.#session = session;
  }

  sending(kind: MessageKind): readonly Hook[] {
    return this.#chain(sendingHooks[kind]);
  }

  receiving(kind: MessageKind): readonly Hook[] {
    return this.#chain(receivingHooks[kind]);
  }

  #chain(name: HookName): readonly Hook[] {
    if (this.#revision !== this.#extensions.revision) {
      this.#revision = this.#extensions.revision;
      this.#chains = unbound;
    }
    const bound = this.#chains[name];
    if (bound !== undefined) return bound;
    const chain = this.#extensions.bind(name, this.#session);
    this.#chains = { ...this.#chains, [name]: chain };
    return chain;
  }
}

function checkExtension(extension: Extension<never, never, never>): void {
  if (typeof extension !== "object" || extension === null) throw wrongType("extension", "an object", extension);
  expectString("extension.name", extension.name);
  if (extension.name === "") throw new TypeError("extension.name must not be empty");
  for (const hook of [...hookNames, "on_register", "on_unregister"] as const) {
    expectFunction(`extension.${hook}`, extension[hook]);
  }
}
