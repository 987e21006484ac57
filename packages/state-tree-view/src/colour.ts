/** Kinds that mean the same in every tree, in degrees of the colour circle. */
const known = new Map([
  ["error", 0],
  ["close", 28],
  ["send", 265],
  ["receive", 150],
  ["connect", 210],
  ["open", 190],
  ["challenge", 310],
  ["admit", 170],
  ["refuse", 14],
  ["ack", 95],
  ["stream", 55],
  ["ping", 235],
  ["token", 335],
  ["cut", 8],
  ["resume", 130],
  ["drop", 40],
]);

/** The hue of a kind, the same in every picture: 0 to 359. */
export function hueOf(kind: string): number {
  const hue = known.get(kind);
  if (hue !== undefined) return hue;
  let hash = 0x811c9dc5;
  for (let index = 0; index < kind.length; index++) hash = Math.imul(hash ^ kind.charCodeAt(index), 0x01000193);
  // The upper bits are mixed best. In steps, so that neighbours can be told apart; red is kept for errors.
  return 20 + ((hash >>> 16) % 17) * 20;
}
