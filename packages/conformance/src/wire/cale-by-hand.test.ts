import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { repositoryRoot } from "../repository.js";
import { counterOf, ivOf, KeyPair, openWith, sealWith } from "./cale-by-hand.js";
import { CryoFrames, readCryo } from "./cryo-frames.js";

interface Vectors {
  readonly frames: readonly {
    readonly name: string;
    readonly frame: { readonly type: string; readonly sid: string; readonly ack: number };
    readonly hex: string;
  }[];
  readonly cale: Readonly<Record<string, string>> & {
    readonly records: readonly {
      readonly direction: string;
      readonly counter: number;
      readonly plainHex: string;
      readonly recordHex: string;
    }[];
  };
}

const file = join(repositoryRoot, "packages/cryo-protocol/vectors/cryo-v1.json");
const { frames, cale } = JSON.parse(readFileSync(file, "utf8")) as Vectors;
/** The vectors name the types as the wire description does. */
const names: Readonly<Record<string, string>> = {
  ack: "ack",
  error: "error",
  ping_pong: "pingPong",
  utf8data: "utf8",
  binarydata: "binary",
  server_hello: "serverHello",
  client_hello: "clientHello",
  handshake_done: "done",
};
const hex = (text: string): Buffer => Buffer.from(text, "hex");

describe("the codec of the tests", () => {
  for (const { name, frame, hex: bytes } of frames) {
    it(`reads and makes the vector "${name}"`, () => {
      const read = readCryo(hex(bytes));
      assert.deepEqual([read.name, read.sid, read.ack], [names[frame.type], frame.sid.replaceAll("-", ""), frame.ack]);
      const make = new CryoFrames(frame.sid);
      assert.equal(make.raw(frame.ack, hex(bytes)[20]!, hex(bytes).subarray(21)).toString("hex"), bytes);
    });
  }
});

describe("CALE as the tests make it", () => {
  const server = new KeyPair(hex(cale.serverPrivateHex!)).keysWith(hex(cale.clientPublicHex!), "server");
  const client = new KeyPair(hex(cale.clientPrivateHex!)).keysWith(hex(cale.serverPublicHex!), "client");

  it("agrees with the vectors on the keys", () => {
    assert.deepEqual(client.receive, hex(cale.clientReceiveKeyHex!));
    assert.deepEqual(client.send, hex(cale.clientSendKeyHex!));
    assert.deepEqual([server.send, server.receive], [client.receive, client.send]);
    assert.deepEqual(server.binding, client.binding);
  });

  for (const { direction, counter, plainHex, recordHex } of cale.records) {
    it(`agrees with the record ${direction} ${counter} of ${plainHex.length / 2} bytes`, () => {
      const key = direction === "client->server" ? client.send : server.send;
      assert.equal(sealWith(key, ivOf(counter), hex(plainHex)).toString("hex"), recordHex);
      assert.equal(openWith(key, hex(recordHex)).toString("hex"), plainHex);
      assert.equal(counterOf(hex(recordHex)), counter);
    });
  }
});
