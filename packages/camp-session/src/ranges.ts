/** A half-open range of bytes, start ≤ byte < end. */
export type Range = readonly [start: bigint, end: bigint];

/** The smaller of two offsets. */
export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The larger of two offsets. */
export function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** A set of bytes, kept as disjoint ranges in ascending order. */
export class RangeSet {
  #ranges: Range[] = [];

  /** The number of disjoint ranges. */
  get pieces(): number {
    return this.#ranges.length;
  }

  add(start: bigint, end: bigint): void {
    if (start >= end) return;
    const before = this.#ranges.filter(([, theirEnd]) => theirEnd < start);
    const after = this.#ranges.filter(([theirStart]) => theirStart > end);
    const touching = this.#ranges.slice(before.length, this.#ranges.length - after.length);
    const first = touching[0]?.[0] ?? start;
    const last = touching.at(-1)?.[1] ?? end;
    this.#ranges = [...before, [least(first, start), most(last, end)], ...after];
  }

  /** What is missing from [0, size). */
  holes(size: bigint): Range[] {
    const holes: Range[] = [];
    let at = 0n;
    for (const [start, end] of this.#ranges) {
      if (start > at) holes.push([at, start]);
      at = end;
    }
    if (at < size) holes.push([at, size]);
    return holes;
  }
}
