import type { RandomBelow } from "../random.js";

/** Bytes at which something begins or ends: zero, signs, and where UTF-8 changes its mind. */
const interesting = [0, 1, 2, 0x10, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xfe, 0xff];

/** How far into the input most changes are made: headers are short. */
const headBytes = 50;
const lengthMax = 4096;

/** An input that differs in one to four places, sometimes with the end of another. */
export function mutate(input: Uint8Array, others: readonly Uint8Array[], random: RandomBelow): Uint8Array {
  let changed = Uint8Array.from(input);
  for (let count = 1 + random(4); count > 0; count--) changed = changeOnce(changed, others, random);
  return changed.subarray(0, lengthMax);
}

function changeOnce(input: Uint8Array, others: readonly Uint8Array[], random: RandomBelow): Uint8Array<ArrayBuffer> {
  const near = random(4) > 0 ? Math.min(headBytes, input.length) : input.length;
  const at = random(near + 1);
  const before = input.subarray(0, at);
  switch (random(7)) {
    case 0:
      return join(before);
    case 1:
      return join(before, Uint8Array.of(interesting[random(interesting.length)]!), input.subarray(at));
    case 2:
      return join(before, input.subarray(at + 1 + random(8)));
    case 3:
      return join(before, others[random(others.length)]!.subarray(at));
    case 4:
      return join(before, Uint8Array.of((input[at] ?? 0) ^ (1 << random(8))), input.subarray(at + 1));
    case 5:
      // A whole number at its bounds, as wide as the fields of frames are.
      return join(before, new Uint8Array([4, 8][random(2)]!).fill(random(2) * 0xff), input.subarray(at + 4));
    default:
      return join(before, Uint8Array.of(interesting[random(interesting.length)]!), input.subarray(at + 1));
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
