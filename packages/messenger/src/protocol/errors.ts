/** What the messenger's errors can be told apart by. */
export type MessengerErrorCode =
  | "MALFORMED"
  | "REFUSED"
  | "KEY_MISMATCH"
  | "SERVER_KEY_CHANGED"
  | "BAD_LINK"
  | "NOT_LINKED"
  | "ALREADY_LINKED"
  | "TOO_LARGE"
  | "CANNOT_OPEN"
  | "OFFLINE"
  | "STORE";

/** The base of every error of the messenger. `code` is stable and meant for programs, `message` for people. */
export class MessengerError extends Error {
  readonly code: MessengerErrorCode;
  constructor(code: MessengerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Something that another made is not as the protocol has it. */
export class MalformedError extends MessengerError {
  constructor(message: string, options?: ErrorOptions) {
    super("MALFORMED", message, options);
  }
}

/** A sealed thing does not open: another key, another context, or somebody changed it. */
export class CannotOpenError extends MessengerError {
  constructor(what: string, options?: ErrorOptions) {
    super("CANNOT_OPEN", `${what} does not open`, options);
  }
}
