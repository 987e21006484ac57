export { type Fault, fork } from "./fork.js";
export { type Fails, minimise } from "./minimise.js";
export { MockTransport } from "./mock-transport.js";
export { type PlayOptions, play, type Replay } from "./play.js";
export { ReplayError } from "./replay-error.js";
export type { Action, Script } from "./script.js";
export { type ScriptOptions, scriptOf } from "./scripting.js";
export { SessionRecord } from "./session-record.js";
