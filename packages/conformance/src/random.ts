/** Unsigned 32-bit numbers from a seed (xorshift32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

/** Numbers from 0 up to, not including, a limit. */
export type RandomBelow = (limit: number) => number;

export function randomBelow(seed: number): RandomBelow {
  const random = randomFrom(seed);
  return (limit) => random() % limit;
}
