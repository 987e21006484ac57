/** So many bytes that nobody can guess: `crypto.getRandomValues` in programs, a seed in tests. */
export type Random = (bytes: number) => Uint8Array;
