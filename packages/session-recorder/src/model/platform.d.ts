/** What this code uses of its platform; Node and browsers have it. */
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
