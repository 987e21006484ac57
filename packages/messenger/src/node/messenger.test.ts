import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { nodeWorld } from "./open.js";
import { folder, next, pair, person, serve } from "./support.test.js";

const incoming = ({ direction }: { direction: string }) => direction === "in";

describe("two people", () => {
  it("become contacts by a link, and write", async (t) => {
    const { alice, bob } = await pair(t, await serve(t));
    assert.equal(bob.contact(alice.fingerprint)!.name, "Alice");
    assert.equal(alice.contact(bob.fingerprint)!.name, "Bob");
    const arrived = next(alice, "message", incoming);
    const delivered = next(bob, "status", ({ status }) => status === "delivered");
    await bob.send(alice.fingerprint, "<b>hello</b> \u202e");
    const [{ text, n, contact }] = await arrived;
    assert.deepEqual([text, n, contact], ["<b>hello</b> \u202e", 0, bob.fingerprint]);
    await delivered;
    assert.equal(await alice.safetyNumber(bob.fingerprint), await bob.safetyNumber(alice.fingerprint));
    await assert.rejects(bob.dismiss(alice.fingerprint), { code: "ALREADY_LINKED" });
  });

  it("are told apart from whoever uses the link again", async (t) => {
    const serving = await serve(t);
    const alice = await person(t, serving, "Alice");
    const { link } = await alice.invite("http://localhost/");
    const [bob, carol] = [await person(t, serving, "Bob"), await person(t, serving, "Carol")];
    const linked = next(bob, "contact", ({ state }) => state === "linked");
    await bob.accept(link);
    await linked;
    const refused = next(carol, "contact", ({ state }) => state === "refused");
    await carol.accept(link);
    await refused;
    assert.equal(alice.contacts.length, 1);
    await assert.rejects(carol.send(alice.fingerprint, "hello"), { code: "NOT_LINKED" });
  });

  it("are linked by a link that was accepted again while its maker was off line", async (t) => {
    const serving = await serve(t);
    const file = join(folder(t), "alice.db");
    const young = await person(t, serving, "Alice", file);
    await next(young, "state", (state) => state === "online");
    const { link } = await young.invite("http://localhost/");
    await young.close();
    const bob = await person(t, serving, "Bob");
    for (let times = 0; times < 2; times++) {
      const sent = next(bob, "drained");
      await bob.accept(link);
      await sent;
    }
    const linked = next(bob, "contact", ({ state }) => state === "linked");
    const warned = next(bob, "warning").then(([what]) => assert.fail(what));
    await person(t, serving, "Alice", file);
    await Promise.race([linked, warned]);
  });

  it("write while the other is off line, in order and once", async (t) => {
    const serving = await serve(t);
    const file = join(folder(t), "bob.db");
    const alice = await person(t, serving, "Alice");
    const first = await person(t, serving, "Bob", file);
    const linked = next(alice, "contact", ({ state }) => state === "linked");
    const there = next(first, "contact", ({ state }) => state === "linked");
    await first.accept((await alice.invite("http://localhost/")).link);
    await Promise.all([linked, there]);
    await first.close();
    let accepted = 0;
    const all = next(alice, "status", ({ status }) => status === "accepted" && ++accepted === 10);
    for (let index = 0; index < 10; index++) await alice.send(first.fingerprint, `text ${index}`);
    await all;
    const second = await person(t, serving, "Bob", file);
    await next(second, "message", ({ text }) => text === "text 9");
    const history = await second.history(alice.fingerprint);
    const expected = Array.from({ length: 10 }, (_, index) => `text ${9 - index}`);
    assert.deepEqual(
      history.map(({ text }) => text),
      expected,
    );
    assert.equal(second.contact(alice.fingerprint)!.unread, 10);
  });

  it("write long texts in parts, cut between characters", async (t) => {
    const { alice, bob } = await pair(t, await serve(t));
    const text = "aü😀".repeat(1500);
    const arrived = next(alice, "message", incoming);
    await bob.send(alice.fingerprint, text);
    assert.equal((await arrived)[0].text, text);
    await assert.rejects(bob.send(alice.fingerprint, "x".repeat(50_000)), { code: "TOO_LARGE" });
  });

  it("send files that arrive whole", async (t) => {
    const { alice, bob } = await pair(t, await serve(t));
    const size = 300_001;
    async function* content() {
      for (let at = 0; at < size; at += 10_000) yield new Uint8Array(Math.min(10_000, size - at)).fill(at / 10_000);
    }
    const announced = next(bob, "message", ({ file }) => file !== undefined);
    const sent = alice.sendFile(bob.fingerprint, { name: "numbers.bin", size, content: content() });
    const [message] = await announced;
    const received = [];
    for await (const chunk of bob.receiveFile(message)) received.push(chunk);
    await sent;
    const expected = [];
    for await (const chunk of content()) expected.push(chunk);
    assert.ok(Buffer.concat(received).equals(Buffer.concat(expected)));
  });

  it("keep what they keep in a file that nobody else reads", async (t) => {
    const file = join(folder(t), "me.db");
    await person(t, await serve(t), "Alice", file);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });
});

describe("a program", () => {
  it("finds the file in use while another has it", async (t) => {
    const serving = await serve(t);
    const file = join(folder(t), "me.db");
    await person(t, serving, "One", file);
    await assert.rejects(person(t, serving, "Two", file), { code: "STORE", message: /in use by another process/ });
  });

  it("can give up a connection", async () => {
    const { connect } = nodeWorld("http://127.0.0.1:1");
    await assert.rejects(connect(AbortSignal.abort()), { code: "ABORTED" });
  });
});
