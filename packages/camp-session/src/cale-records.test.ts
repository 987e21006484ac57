import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readCaleCounter } from "cryo-protocol";
import { caleLimits } from "./cale-config.js";
import type { AsyncCaleCipher, SyncCaleCipher } from "./cale-crypto.js";
import { CounterWindow, KeyUse, RecordSealer, StrictCounters } from "./cale-records.js";
import { TestCipher, TestKeyPair } from "./node-cale.test.js";

interface Vectors {
  readonly clientPrivateHex: string;
  readonly serverPublicHex: string;
  readonly serverPrivateHex: string;
  readonly clientPublicHex: string;
  readonly records: readonly { direction: string; counter: number; plainHex: string; recordHex: string }[];
}

const file = new URL("../../cryo-protocol/vectors/cryo-v1.json", import.meta.url);
const { cale } = JSON.parse(readFileSync(file, "utf8")) as { cale: Vectors };
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const client = new TestKeyPair(bytesOf(cale.clientPrivateHex)).derive(bytesOf(cale.serverPublicHex), "client");
const server = new TestKeyPair(bytesOf(cale.serverPrivateHex)).derive(bytesOf(cale.clientPublicHex), "server");

for (const { direction, counter, plainHex, recordHex } of cale.records) {
  test(`the test cipher is that of the vectors: record ${counter} ${direction}`, () => {
    const [sender, receiver] = direction === "client->server" ? [client, server] : [server, client];
    assert.deepEqual(sender.seal(counter, bytesOf(plainHex)), bytesOf(recordHex));
    assert.deepEqual(receiver.open(bytesOf(recordHex)), bytesOf(plainHex));
  });
}

/** A cipher whose records have the byte 20 that the counter is mapped to. */
function mapped(byte20: (counter: number) => number): SyncCaleCipher & { readonly counters: number[] } {
  const counters: number[] = [];
  return {
    mode: "sync",
    counters,
    seal: (counter, plain) => {
      counters.push(counter);
      const record = new Uint8Array(plain.byteLength + 28);
      record.set([counter >>> 24, counter >>> 16, counter >>> 8, counter], 8);
      record[20] = byte20(counter);
      return record;
    },
    open: (record) => record,
  };
}

const plain = new Uint8Array(21);

test("a record whose byte 20 is at most 7 never leaves: its frame is sealed again under the next counter", () => {
  for (let byte = 0; byte < 256; byte++) {
    const cipher = mapped((counter) => (counter === 0 ? byte : 200));
    const { bytes: record } = new RecordSealer(caleLimits()).sealNow(cipher, plain);
    assert.equal(readCaleCounter(record), byte <= 7 ? 1 : 0);
  }
});

test("a frame is sealed again at most 31 times; then the record leaves as it is", () => {
  const sealer = new RecordSealer(caleLimits());
  const cipher = mapped(() => 3);
  assert.equal(readCaleCounter(sealer.sealNow(cipher, plain).bytes), 31);
  assert.equal(cipher.counters.length, 32);
  assert.equal(readCaleCounter(sealer.sealNow(cipher, plain).bytes), 63);
});

test("of many real records none has a byte 20 of at most 7, some three percent were discarded, and all are strict", () => {
  const sealer = new RecordSealer(caleLimits());
  const rule = new StrictCounters();
  const pair = new TestKeyPair();
  const peer = new TestKeyPair();
  const cipher = pair.derive(peer.publicKey, "client");
  const other = peer.derive(pair.publicKey, "server");
  const count = 20_000;
  for (let index = 0; index < count; index++) {
    const { bytes: record } = sealer.sealNow(cipher, plain);
    assert.ok(record[20]! > 7);
    assert.equal(rule.judge(readCaleCounter(record)!), "fresh");
    if (index % 100 === 0) assert.deepEqual(other.open(record), plain);
  }
  const discarded = (cipher.sealed - count) / cipher.sealed;
  assert.ok(discarded > 0.025 && discarded < 0.038, `${discarded} instead of ${8 / 256}`);
});

test("sealed side by side, records leave up to the first that is discarded, and no counter leaves twice", async () => {
  const sealer = new RecordSealer(caleLimits());
  const sync = mapped((counter) => (counter === 2 || counter === 3 || counter % 11 === 10 ? 0 : 100));
  const cipher: AsyncCaleCipher = {
    mode: "async",
    seal: async (counter, frame) => sync.seal(counter, frame),
    open: async (record) => record,
  };
  let waiting = Array.from({ length: 50 }, () => plain);
  const left: number[] = [];
  while (waiting.length > 0) {
    const records = await sealer.sealSome(cipher, waiting);
    assert.ok(records.length <= 16);
    waiting = waiting.slice(records.length);
    left.push(...records.map((record) => readCaleCounter(record)!));
  }
  const expected = Array.from({ length: 60 }, (_, counter) => counter).filter(
    (counter) => counter !== 2 && counter !== 3 && counter % 11 !== 10,
  );
  assert.deepEqual(left, expected.slice(0, 50));
});

test("the window takes each counter once, in any order, up to 4096 behind the greatest", () => {
  const window = new CounterWindow();
  assert.equal(window.judge(10_000), "fresh");
  assert.equal(window.judge(10_000), "refused");
  assert.equal(window.judge(10_000 - 4095), "fresh");
  assert.equal(window.judge(10_000 - 4095), "refused");
  assert.equal(window.judge(10_000 - 4096), "old");
  assert.equal(window.judge(9_999), "fresh");
  assert.equal(window.judge(2 ** 32 - 1), "fresh");
  assert.equal(window.judge(2 ** 32 - 1), "refused");
  assert.equal(window.judge(2 ** 32 - 2), "fresh");
  assert.equal(window.judge(2 ** 32 - 4096), "fresh");
  assert.equal(window.judge(10_001), "old");
});

test("the window forgives 16 counters that are too old, not the 17th", () => {
  const window = new CounterWindow();
  window.judge(100_000);
  for (let index = 0; index < 16; index++) assert.equal(window.judge(index), "old");
  assert.equal(window.judge(50_000), "refused");
});

test("the window agrees with a plain set of what was seen, for shuffled counters with gaps and repeats", () => {
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let round = 0; round < 50; round++) {
    const window = new CounterWindow();
    const seen = new Set<number>();
    let highest = -1;
    let old = 0;
    for (let step = 0; step < 3000; step++) {
      const jump = random(50) === 0 ? random(9000) : random(60);
      const counter = Math.max(0, highest + jump - random(random(20) === 0 ? 5000 : 40));
      const tooOld = highest - counter >= 4096;
      if (tooOld) old++;
      const expected = tooOld ? (old > 16 ? "refused" : "old") : seen.has(counter) ? "refused" : "fresh";
      assert.equal(window.judge(counter), expected, `counter ${counter} after ${highest}`);
      if (expected === "fresh") seen.add(counter);
      highest = Math.max(highest, counter);
    }
  }
});

test("strict counters only grow, by at most 32", () => {
  const start = new StrictCounters();
  assert.equal(start.judge(31), "fresh");
  assert.equal(start.judge(63), "fresh");
  assert.equal(start.judge(63), "refused");
  assert.equal(start.judge(62), "refused");
  assert.equal(start.judge(96), "refused");
  assert.equal(start.judge(95), "fresh");
  assert.equal(new StrictCounters().judge(32), "refused");
});

test("keys are worn at 2^24 records or 2^36 bytes and spent at twice as much", () => {
  const limits = caleLimits();
  assert.deepEqual(limits, { renewRecords: 2 ** 24, renewBytes: 2 ** 36, recordsMax: 2 ** 25, bytesMax: 2 ** 37 });
  const byBytes = new KeyUse(limits);
  byBytes.add(2 ** 36 - 1);
  assert.deepEqual([byBytes.worn, byBytes.spent], [false, false]);
  byBytes.add(1);
  assert.deepEqual([byBytes.worn, byBytes.spent], [true, false]);
  byBytes.add(2 ** 36);
  assert.ok(byBytes.spent);
  const byRecords = new KeyUse(caleLimits({ renewRecords: 2, recordsMax: 3 }));
  byRecords.add(1);
  assert.ok(!byRecords.worn);
  byRecords.add(1);
  assert.deepEqual([byRecords.worn, byRecords.spent], [true, false]);
  byRecords.add(1);
  assert.ok(byRecords.spent);
});

test("no limit can be set so high that a counter would wrap", () => {
  const { recordsMax } = caleLimits({ recordsMax: Number.POSITIVE_INFINITY });
  assert.ok(recordsMax + 32 < 2 ** 32);
});

test("the ciphers of two ends are a pair whichever is the server", () => {
  assert.ok(client instanceof TestCipher && server instanceof TestCipher);
  assert.throws(() => client.open(client.seal(0, plain)));
});
