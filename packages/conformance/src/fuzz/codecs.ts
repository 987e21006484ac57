import assert from "node:assert/strict";
import * as camp from "camp-protocol";
import * as cryo from "cryo-protocol";

/** A codec, and what holds for it whatever the bytes are. */
export interface Codec {
  readonly name: string;
  /** The package; its folder `corpus` has the inputs that are kept. */
  readonly folder: string;
  /** Modules whose coverage guides the search. */
  readonly modules: RegExp;
  /** Throws if these bytes show a fault. */
  readonly check: (bytes: Uint8Array) => void;
}

export const codecs: readonly Codec[] = [
  {
    name: "camp",
    folder: "packages/camp-protocol",
    modules: /\/camp-protocol\/dist\//,
    check: (bytes) => {
      const frame = decoded(() => camp.decode(bytes), camp.CampProtocolError);
      if (frame === null) return;
      assert.equal(typeof camp.inspect(frame), "string");
      const expected = camp.expectFrames(frame.sid, { streamControl: true, resume: true, tokens: true });
      assert.deepEqual(camp.decode(bytes, expected), frame);
      // What was not valid UTF-8, or has the layout of another version, cannot come back as it was.
      const lossy = "replaced" in frame || (frame.type === "endpoint_info" && frame.version !== camp.CAMP_VERSION);
      if (!lossy) assert.deepEqual(camp.encode(frame), Uint8Array.from(bytes));
      else assert.equal(camp.decode(camp.encode(frame)).type, frame.type);
    },
  },
  {
    name: "cryo",
    folder: "packages/cryo-protocol",
    modules: /\/(?:cryo-protocol|camp-protocol)\/dist\//,
    check: (bytes) => {
      checkRecord(bytes);
      const frame = decoded(() => cryo.decode(bytes), cryo.CryoProtocolError);
      if (frame === null) return;
      assert.equal(typeof cryo.inspect(frame), "string");
      assert.deepEqual(cryo.decode(bytes, cryo.expectCryoFrames(frame.sid)), frame);
      if (!("replaced" in frame)) assert.deepEqual(cryo.encode(frame), Uint8Array.from(bytes));
      else assert.equal(cryo.decode(cryo.encode(frame)).type, frame.type);
    },
  },
];

/** The frame, or null if the codec refused the bytes with its own error. Any other error is a fault. */
function decoded<Frame>(decode: () => Frame, Refusal: new (...args: never[]) => Error): Frame | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** A CALE record is its parts, and its counter is where it was read. */
function checkRecord(bytes: Uint8Array): void {
  const counter = cryo.readCaleCounter(bytes);
  if (counter === undefined) return;
  const { iv, ciphertext, tag } = cryo.splitCaleRecord(bytes);
  assert.deepEqual(Buffer.concat([iv, ciphertext, tag]), Buffer.from(bytes));
  const again = Uint8Array.from(bytes);
  cryo.writeCaleIv(again, counter);
  assert.deepEqual(again, Uint8Array.from(bytes));
}
