import assert from "node:assert/strict";
import { test } from "node:test";
import { EndSignal } from "./end-signal.js";
import { EventRelay, type SessionOwner, type Teller } from "./session-events.js";

interface Session {
  readonly stats: never;
}

/** Lives through everything that is traced; what was. */
function traced(tracing: boolean): string[] {
  const heard: string[] = [];
  const session = { stats: {} as never };
  const owner = { role: "client", onClosed: () => {}, extensions: { hookFailed: () => {} } };
  const teller: Teller<Session, Uint8Array> = {
    publish: () => undefined,
    owned: (bytes) => bytes,
    tracing,
    trace: (event, from, { code, reason, error } = {}) => {
      assert.equal(from, session);
      heard.push([event, code, reason, error?.message].filter((part) => part !== undefined).join(" "));
    },
  };
  const relay = new EventRelay<Session, Uint8Array>(
    () => session,
    owner as unknown as SessionOwner<Session>,
    new EndSignal(),
    teller,
  );
  relay.attached();
  relay.connected();
  relay.secure();
  relay.dropped("oldest", "utf8");
  relay.disconnected(1006, "");
  relay.reconnected(true);
  relay.reconnected(false);
  relay.hookFailed("extension", new Error("hook"));
  relay.error(new Error("fault"));
  relay.closed(4000, "done");
  return heard;
}

test("whoever watches is told of every step of a session", () => {
  assert.deepEqual(traced(true), [
    ...["attached", "connected", "secure", "dropped oldest", "disconnected 1006 ", "resumed", "reconnected"],
    ...["extension-error hook", "error fault", "closed 4000 done"],
  ]);
});

test("nothing is made for a trace while nobody watches", () => assert.deepEqual(traced(false), []));
