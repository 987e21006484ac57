// What a bundle for browsers gets of this package: its names, and a function that says which package is the right one.

export {
  BaseNamespace,
  CAMP_FLOW_BEHAVIOUR,
  ConnectError,
  OptionsError,
  TransactionNamespace,
} from "camp-runtime";
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

const advice = "camp-client-node runs on Node only; in a page import camp-client-browser, which has the same interface";

/** There are none: see above. */
export class CAMPReadable {
  /** @throws {Error} always */
  constructor() {
    throw new Error(advice);
  }
}

/** @throws {Error} (as a rejection) always */
export async function camp(): Promise<never> {
  throw new Error(advice);
}

export const CAMP: typeof camp = camp;
