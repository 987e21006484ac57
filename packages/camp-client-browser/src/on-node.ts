// What Node gets of this package: its names, and a function that says which package is the right one.

export { CAMP_FLOW_BEHAVIOUR, ConnectError, OptionsError } from "camp-runtime";
export { CAMPReadable, SessionEvent } from "camp-runtime/web";
export {
  AckTimeoutError,
  CampError,
  ConnectionLostError,
  DroppedError,
  HookError,
  PayloadTooLargeError,
  ResumeFailedError,
  SessionClosedError,
  StreamCancelledError,
  StreamDataError,
  StreamIncompleteError,
  StreamSourceError,
  StreamStalledError,
  StreamTimeoutError,
  VersionMismatchError,
} from "camp-session";

/** @throws {Error} (as a rejection) always */
export async function camp(): Promise<never> {
  throw new Error(
    "camp-client-browser runs in browsers only; on Node import camp-client-node, which has the same interface",
  );
}

export const CAMP: typeof camp = camp;
