import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import type { TestContext } from "node:test";
import { inspect } from "node:util";
import type { CryoPeer } from "./cryo-peer.js";
import { token } from "./rig.js";

/** A text for payloads, which is nowhere else. */
export const payloadCanary = "a-payload-that-must-not-leak";

/** Watches what can be seen of a session from outside, and fails the test in which a token, key or payload was in it. */
export class Secrets {
  readonly #seen: string[] = [];
  readonly #peers: CryoPeer[] = [];

  constructor(context: TestContext) {
    const collect = (message: unknown): void => this.see(message);
    for (const name of ["camp:session", "camp:frame"]) {
      channel(name).subscribe(collect);
      context.after(() => channel(name).unsubscribe(collect));
    }
    context.after(() => this.check());
  }

  /** All that somebody could print of a value. */
  see(value: unknown): void {
    const everything = { depth: 12, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null };
    this.#seen.push(
      inspect(value, everything),
      inspect(value, { ...everything, customInspect: false }),
      JSON.stringify(value, (_key, part) => (typeof part === "bigint" ? String(part) : part)) ?? "",
    );
  }

  /** Looks at a session now, and when it ends at that and how. */
  watch<Session extends object, End>(peer: CryoPeer, session: Session, ended: Promise<End>): Promise<End> {
    this.#peers.push(peer);
    this.see(session);
    return ended.then((end) => {
      this.see(session);
      this.see(end);
      return end;
    });
  }

  check(): void {
    const seen = this.#seen.map((text) => text.replaceAll(/\s/g, "")).join("\n");
    assert.ok(seen.length > 0);
    const secrets = this.#peers.flatMap((peer) => peer.secrets);
    const forms = [token, encodeURIComponent(token), payloadCanary, ...secrets.flatMap(formsOf)];
    for (const form of forms) assert.ok(!seen.includes(form), `it shows ${form}`);
  }
}

/** How bytes look when somebody prints them, without white space. */
function formsOf(bytes: Buffer): string[] {
  return [bytes.toString("hex"), bytes.toString("base64"), [...bytes].join(",")];
}
