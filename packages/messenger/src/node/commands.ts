import { type ContactRecord, type MessageRecord, type Messenger, MessengerError } from "../client/index.js";
import type { readArguments } from "./arguments.js";
import { openMessenger } from "./open.js";
import { terminalText } from "./terminal-text.js";

type Values = ReturnType<typeof readArguments>["values"];
type Print = (line: string) => void;

const defaultTimeoutS = 30;

/** Prints a link, and waits until it was used. */
export function invite(values: Values, print: Print): Promise<void> {
  return withMessenger(values, async (messenger) => {
    const lifetimeMs = values.hours * 3_600_000;
    const { invite: id, link } = await messenger.invite(values.app, lifetimeMs);
    const timeoutS = values.timeout ?? lifetimeMs / 1000;
    const used = waitFor<string>(messenger, timeoutS, "nobody has used the link", (done) => [
      messenger.on("invite", (which, outcome, fingerprint) => {
        if (which === id && outcome === "used") done(fingerprint);
      }),
    ]);
    print(link);
    const fingerprint = await used;
    await drained(messenger, values);
    print(`linked with ${describe(messenger.contact(fingerprint)!)}`);
  });
}

/** Accepts a link, and waits for the answer. */
export function accept(values: Values, link: string, print: Print): Promise<void> {
  return withMessenger(values, async (messenger) => {
    const { fingerprint } = await messenger.accept(link);
    await waitFor(messenger, values.timeout ?? defaultTimeoutS, noAnswer, (done, fail) => [
      messenger.on("contact", ({ state, fingerprint: who }) => {
        if (who !== fingerprint) return;
        if (state === "linked") done();
        if (state === "refused") fail(new MessengerError("BAD_LINK", "this invitation was used already or is over"));
        if (state === "mismatch")
          fail(new MessengerError("KEY_MISMATCH", "the server gave another key than the link names"));
      }),
    ]);
    print(`linked with ${describe(messenger.contact(fingerprint)!)}`);
  });
}

/** Sends a text, and waits until it is delivered. */
export function send(values: Values, who: string, text: string, print: Print): Promise<void> {
  return withMessenger(values, async (messenger) => {
    const contact = find(messenger, who);
    const sent = await messenger.send(contact.fingerprint, text);
    const progress: { status: MessageRecord["status"] } = { status: "sending" };
    const delivered = waitFor(messenger, values.timeout ?? defaultTimeoutS, "", (done, fail) => [
      messenger.on("status", (message) => {
        if (message.order !== sent.order || message.contact !== sent.contact) return;
        progress.status = message.status;
        if (message.status === "delivered" || message.status === "read") done();
        if (message.status === "failed")
          fail(new MessengerError("REFUSED", `the server refused it: ${message.problem}`));
      }),
    ]);
    try {
      await delivered;
    } catch (error) {
      // What the server has arrives when the contact is on line again: that is no failure.
      if (!(error instanceof MessengerError && error.code === "OFFLINE") || progress.status !== "accepted") throw error;
    }
    print(progress.status === "accepted" ? "accepted by the server; not delivered yet" : "delivered");
  });
}

/** Prints what arrives until `until` resolves. */
export function listen(values: Values, print: Print, until: Promise<void>): Promise<void> {
  return withMessenger(values, async (messenger) => {
    const end = messenger.on("message", (message) => {
      if (message.direction === "in") print(values.json ? JSON.stringify(message) : lineOf(messenger, message));
    });
    const stopped = new Promise<never>((_, reject) => {
      messenger.on("state", (state, { reason = "" }) => {
        if (finalStates.has(state)) reject(ended(state, reason));
      });
    });
    stopped.catch(() => {});
    await Promise.race([until, stopped]);
    end();
  });
}

const noAnswer = "no answer; its maker may be off line. Run it again later: the invitation is being answered";
const notToldYet = "linked, but the contact has not heard of it; the next command with this file tells it";
const finalStates: ReadonlySet<string> = new Set(["refused", "replaced", "server-changed"]);

async function withMessenger(values: Values, work: (messenger: Messenger) => Promise<void>): Promise<void> {
  const { server, file, token, name } = values;
  const messenger = await openMessenger({
    ...{ server, file },
    ...(token !== undefined && { token }),
    ...(name !== undefined && { name }),
  });
  try {
    messenger.start();
    await work(messenger);
  } finally {
    await messenger.close();
  }
}

/** Waits for what `listen` calls `done` for; a connection that ended for good and the time end it as well. */
function waitFor<Result = void>(
  messenger: Messenger,
  timeoutS: number,
  late: string,
  listen: (done: (result: Result) => void, fail: (error: Error) => void) => (() => void)[],
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const settle = (call: () => void) => {
      clearTimeout(timer);
      for (const end of ends) end();
      call();
    };
    const timer = setTimeout(() => {
      const what = messenger.state === "online" ? late || "not delivered in time" : "the server cannot be reached";
      settle(() => reject(new MessengerError("OFFLINE", what)));
    }, timeoutS * 1000);
    const ends = [
      messenger.on("state", (state, { reason = "" }) => {
        if (finalStates.has(state)) settle(() => reject(ended(state, reason)));
      }),
      ...listen(
        (result) => settle(() => resolve(result)),
        (error) => settle(() => reject(error)),
      ),
    ];
  });
}

/** Waits until the server has everything. */
async function drained(messenger: Messenger, values: Values): Promise<void> {
  if (messenger.waiting === 0) return;
  await waitFor(messenger, values.timeout ?? defaultTimeoutS, notToldYet, (done) => [messenger.on("drained", done)]);
}

function ended(state: string, reason: string): MessengerError {
  if (state === "replaced") return new MessengerError("REFUSED", "another program connected with this identity");
  if (state === "server-changed") {
    return new MessengerError("SERVER_KEY_CHANGED", "the server has another key than before; it may be another server");
  }
  return new MessengerError("REFUSED", `the server refused the registration (${terminalText(reason)})`);
}

/** By fingerprint, or by a name that only one contact has. */
function find(messenger: Messenger, who: string): ContactRecord {
  const found = messenger.contacts.filter(({ fingerprint, name }) => fingerprint === who || name === who);
  if (found.length === 1) return found[0]!;
  const what = found.length === 0 ? "no contact" : `${found.length} contacts`;
  throw new MessengerError("NOT_LINKED", `${what} of this name or fingerprint`);
}

function describe({ name, fingerprint }: ContactRecord): string {
  return `${terminalText(name) || "somebody without a name"} (${fingerprint})`;
}

function lineOf(messenger: Messenger, { contact, text, file, unknownKind }: MessageRecord): string {
  const who = terminalText(messenger.contact(contact)?.name ?? "") || contact;
  if (file !== undefined) return `${who}: sends the file ${terminalText(file.name)} of ${file.size} bytes`;
  if (unknownKind !== undefined) return `${who}: a message of a later version (kind ${unknownKind})`;
  return `${who}: ${terminalText(text)}`;
}
