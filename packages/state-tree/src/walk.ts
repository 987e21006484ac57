import { StateTreeError } from "./errors.js";

/** How deep a value may be nested. It is walked by recursion, which a peer's value must not be able to exhaust. */
export const depthMax = 500;

/** Nearly every value is smaller than this, and needs no book-keeping. */
const unrecordedContainers = 64;

/** Stands for a container that is being looked into. */
const open = Symbol("open");

/**
 * Guards a recursion over the containers of a value: one that contains itself ends in an error, and one whose parts are
 * shared again and again is not looked into more often than it has parts. Past the first few containers it keeps book.
 */
export class Walk {
  #unrecorded = unrecordedContainers;
  #depth = 0;
  #met: Map<object, unknown> | null = null;

  /**
   * Whether the container has to be looked into now. If it was already, `resultOf` tells what that came to.
   *
   * @throws {StateTreeError} `BAD_VALUE`
   */
  enter(container: object): boolean {
    if (this.#unrecorded > 0) this.#unrecorded--;
    else {
      this.#met ??= new Map();
      const met = this.#met.get(container);
      if (met === open) throw new StateTreeError("BAD_VALUE", "a value contains itself");
      if (met !== undefined) return false;
      this.#met.set(container, open);
    }
    if (++this.#depth < depthMax) return true;
    throw new StateTreeError("BAD_VALUE", `a value is nested deeper than ${depthMax} levels`);
  }

  leave(container: object, result: object): void {
    this.#depth--;
    this.#met?.set(container, result);
  }

  resultOf(container: object): unknown {
    return this.#met?.get(container);
  }
}
