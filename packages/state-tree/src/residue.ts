/** A value of a tree that replaces all that came before it on its path: what is left of a row that was compacted. */
export class Residue<T = unknown> {
  /** What the path up to here came to. */
  readonly value: T;

  constructor(value: T) {
    this.value = value;
    Object.freeze(this);
  }
}
