// What the codecs of this repository share and nobody else should need: one copy of the fast paths for texts, and one
// slab for the frames of all sessions. Published as `camp-protocol/bytes`, because a codec is a package of its own.
export { allocate, allocateText, type TooLarge } from "./allocate.js";
export { readInt32, readU32, writeU32 } from "./integers.js";
export { readUtf8, readUtf8Lenient, utf8Length, viewFrom } from "./utf8.js";
