/** Numbers from 0 up to, not including, a limit, from a seed (xorshift32). */
export function seeded(seed) {
  let state = seed >>> 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
