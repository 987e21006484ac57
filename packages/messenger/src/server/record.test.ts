import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createStateTree } from "messenger";
import { createIdentity, RawClient, randomText, serve } from "./support.test.js";

const [alice, bob] = [await createIdentity(true), await createIdentity(true)];

const envelope = (to: string) => ({
  ...{ type: "msg", id: randomText(16), from: alice.fingerprint, to, encryptedMessage: randomText(200) },
});

describe("what a server records", () => {
  it("is every change of state, in a row for each connection, without what envelopes hold", async (t) => {
    const changes: { row: string; change: object }[] = [];
    const serving = await serve(t, { record: (row, change) => changes.push({ row, change }) });
    const [one, two] = [await RawClient.registered(t, serving, alice), await RawClient.registered(t, serving, bob)];
    const sent = envelope(bob.fingerprint);
    one.say(sent);
    await two.next("msg");
    // The same again changes nothing.
    one.say(sent);
    one.say({ ...envelope(randomText(32)) });
    await one.next("error");
    two.say({ type: "ack", id: sent.id, from: alice.fingerprint });
    two.say({ type: "lookup", publicKeySig: alice.fingerprint });
    await two.next("key");
    await RawClient.registered(t, serving, alice);
    await one.closed;
    const refused = await RawClient.open(t, serving);
    await refused.next("challenge");
    refused.say("no response");
    await refused.closed;

    const of = (number: number) =>
      changes.filter(({ row }) => row === `connection ${number}`).map(({ change }) => change);
    const registered = ({ fingerprint }: { fingerprint: string }) => [
      { state: "challenged" },
      { state: "registered", identity: fingerprint, queued: 0 },
    ];
    assert.deepEqual(of(1), [
      ...registered(alice),
      { accepted: sent.id, type: "msg", to: bob.fingerprint },
      { refused: "unknown-recipient" },
      { state: "closed", code: 4409, reason: "replaced" },
    ]);
    assert.deepEqual(of(2), [
      ...registered(bob),
      { delivered: sent.id, type: "msg", from: alice.fingerprint },
      { acknowledged: sent.id, from: alice.fingerprint },
    ]);
    assert.deepEqual(of(3), registered(alice));
    assert.deepEqual(of(4), [{ state: "challenged" }, { state: "closed", code: 4403, reason: "registration refused" }]);
    assert.ok(!JSON.stringify(changes).includes(sent.encryptedMessage));
  });

  it("fits a state tree: the residue of a row is the state of its connection", async (t) => {
    const { tree, record } = createStateTree();
    let closed = () => {};
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const serving = await serve(t, {
      record(row, change) {
        record(row, change);
        if (change.state === "closed") closed();
      },
    });
    const client = await RawClient.registered(t, serving, alice);
    await client.session.Close("done");
    await isClosed;
    assert.deepEqual(tree.residues(), [
      { name: "messenger", row: "connection 1", state: "closed", identity: alice.fingerprint, queued: 0 },
    ]);
  });
});
