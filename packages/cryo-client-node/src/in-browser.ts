// What a bundle for browsers gets of this package: its names, and a function that says which package is the right one.

export {
  ConnectError,
  OptionsError,
} from "camp-runtime";
export {
  AckTimeoutError,
  CaleError,
  CampError,
  ConnectionLostError,
  DroppedError,
  HookError,
  PayloadTooLargeError,
  SessionClosedError,
} from "camp-session";

const advice = "cryo-client-node runs on Node only; in a page import cryo-client-browser, which has the same interface";

/** @throws {Error} (as a rejection) always */
export async function cryo(): Promise<never> {
  throw new Error(advice);
}
