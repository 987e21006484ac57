/** A row or step that cannot be replayed. */
export class ReplayError extends Error {
  override readonly name = "ReplayError";
}
