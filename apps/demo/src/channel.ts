/** What the two processes of the demo tell each other besides CAMP. */

/** To the client process: its task, once it is up. */
export interface ClientTask {
  readonly port: number;
  readonly token: string;
  /** The temporary folder, which both processes share. */
  readonly folder: string;
  readonly fileBytes: number;
  /** Messages of each kind to echo. */
  readonly messages: number;
}

/** The steps of the client, in their order. */
export type StepName = "make" | "text" | "binary" | "push" | "pull";

/** From the client process. */
export type ClientNews =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly step: StepName; readonly done: number }
  | { readonly type: "finished"; readonly result: ClientResult }
  | { readonly type: "failed"; readonly message: string };

export interface StepResult {
  readonly ms: number;
  readonly bytes: number;
}

export interface ClientResult {
  readonly steps: Readonly<Record<StepName, StepResult>>;
  /** Ranges that were asked for while pulling. */
  readonly ranges: number;
  /** SHA-256 of the file as it was made, and of what was pulled back. */
  readonly madeSha256: string;
  readonly pulledSha256: string;
  /** Times until a small message was acknowledged, with nothing else going on and during the two transfers. */
  readonly idleRoundTripsMs: readonly number[];
  readonly busyRoundTripsMs: readonly number[];
  readonly memory: MemoryUse;
}

/** Resident memory of a process, in bytes: before the transfers, and at its highest. */
export interface MemoryUse {
  readonly before: number;
  readonly highest: number;
}

/** The highest resident memory of this process so far. */
export function highestMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}
