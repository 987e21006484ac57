// What Node gets of this package: its names, and a function that says which package is the right one.

export { ConnectError, OptionsError } from "camp-runtime";
export { CryoBuffer, SessionEvent } from "camp-runtime/web";
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

/** @throws {Error} (as a rejection) always */
export async function cryo(): Promise<never> {
  throw new Error(
    "cryo-client-browser runs in browsers only; on Node import cryo-client-node, which has the same interface",
  );
}
