export type { BackoffPolicy } from "./backoff.js";
export {
  ConnectError,
  type ConnectErrorCode,
  type ConnectErrorOptions,
} from "./connect-error.js";
export { Deadlines, type DisposableClock } from "./deadlines.js";
export { parseHost, upgradeUrl } from "./host.js";
export {
  boolean,
  type Column,
  callback,
  checkOptions,
  column,
  describe,
  group,
  integer,
  milliseconds,
  OptionsError,
  type OptionTable,
  object,
  oneOf,
  optional,
  type Resolved,
} from "./options.js";
export { type ConnectHost, connectWithin, type Reconnectable, Reconnector } from "./reconnect.js";
export { caleColumns, messageColumns, sessionColumns } from "./session-options.js";
export { delay, type TimerHost, type TurnHost } from "./timers.js";
