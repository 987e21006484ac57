import assert from "node:assert/strict";
import { test } from "node:test";
import type { Box, Hook, MessageKind, Payload } from "camp-session";
import { type Extension as AnyExtension, Extensions } from "./extensions.js";

interface Owner {
  readonly log: string[];
}
type Extension = AnyExtension<string, Owner>;

function setUp() {
  const owner: Owner = { log: [] };
  const extensions = new Extensions<string, Owner>(() => {});
  return { owner, extensions, hooks: extensions.hooksFor(() => "the session") };
}

/** An extension that tells when it comes and goes. */
function visitor(name: string, rest: Partial<Extension> = {}): Extension {
  return {
    name,
    on_register: (owner) => owner.log.push(`+${name}`),
    on_unregister: (owner) => owner.log.push(`-${name}`),
    ...rest,
  };
}

function run(chain: readonly Hook[], value: Payload): { readonly results: unknown[]; readonly box: Box<Payload> } {
  const box = { value };
  return { results: chain.map((hook) => hook.run(box)), box };
}

test("an extension is registered, found, and unregistered by itself or by its name", () => {
  const { owner, extensions } = setUp();
  const first = visitor("first");
  extensions.register(first, owner);
  extensions.register(visitor("second"), owner);
  assert.equal(extensions.get("first"), first);
  assert.equal(extensions.unregister(first, owner), true);
  assert.equal(extensions.unregister("second", owner), true);
  assert.equal(extensions.get("first"), null);
  assert.equal(extensions.unregister("second", owner), false);
  assert.deepEqual(owner.log, ["+first", "+second", "-first", "-second"]);
});

test("on_register and on_unregister may be missing", () => {
  const { owner, extensions } = setUp();
  extensions.register({ name: "bare" }, owner);
  assert.equal(extensions.unregister("bare", owner), true);
});

test("a name can be taken once, and only its bearer is unregistered", () => {
  const { owner, extensions } = setUp();
  extensions.register(visitor("twin"), owner);
  assert.throws(() => extensions.register(visitor("twin"), owner), { name: "TypeError", message: /"twin"/ });
  assert.equal(extensions.unregister(visitor("twin"), owner), false);
  assert.deepEqual(owner.log, ["+twin"]);
});

for (const [what, extension] of [
  ["nothing", null],
  ["no name", {}],
  ["an empty name", { name: "" }],
  ["a hook that is no function", { name: "x", before_send_utf8: true }],
  ["an on_register that is no function", { name: "x", on_register: "soon" }],
] as const) {
  test(`${what} is refused`, () => {
    const { owner, extensions } = setUp();
    assert.throws(() => extensions.register(extension as unknown as Extension, owner), TypeError);
    assert.equal(extensions.get("x"), null);
  });
}

test("an extension whose on_register throws is not there", () => {
  const { owner, extensions, hooks } = setUp();
  const faulty = visitor("faulty", {
    on_register() {
      throw new Error("not today");
    },
    before_send_utf8: () => true,
  });
  assert.throws(() => extensions.register(faulty, owner), /not today/);
  assert.equal(extensions.get("faulty"), null);
  assert.equal(hooks.sending("utf8").length, 0);
});

test("all are unregistered in reverse order, whatever one of them does", () => {
  const { owner, extensions } = setUp();
  extensions.register(visitor("first"), owner);
  const cause = new Error("no");
  const faulty = visitor("faulty", {
    on_unregister() {
      throw cause;
    },
  });
  extensions.register(faulty, owner);
  extensions.register(visitor("last"), owner);
  const errors = extensions.unregisterAll(owner);
  assert.deepEqual(owner.log, ["+first", "+faulty", "+last", "-last", "-first"]);
  assert.equal(errors.length, 1);
  assert.equal(errors[0]?.cause, cause);
  assert.match(errors[0]?.message ?? "", /"faulty"/);
});

for (const [direction, prefix] of [
  ["sending", "before_send"],
  ["receiving", "on_receive"],
] as const) {
  for (const kind of ["utf8", "binary", "error"] satisfies MessageKind[]) {
    test(`${prefix}_${kind} runs bound to its extension and session, in the order of registration`, () => {
      const { owner, extensions, hooks } = setUp();
      const calls: unknown[] = [];
      for (const name of ["first", "second"]) {
        const extension = visitor(name, {
          [`${prefix}_${kind}`](this: Extension, session: string, box: Box<Payload>) {
            calls.push([this.name, session, box.value]);
            return name === "first";
          },
        });
        extensions.register(extension, owner);
      }
      const value = kind === "binary" ? Buffer.from("bytes") : "text";
      const { results } = run(hooks[direction](kind), value);
      assert.deepEqual(results, [true, false]);
      assert.deepEqual(calls, [
        ["first", "the session", value],
        ["second", "the session", value],
      ]);
      assert.deepEqual(
        hooks[direction](kind).map((hook) => hook.extension),
        ["first", "second"],
      );
    });
  }
}

test("an extension is in no chain of a hook that it does not have", () => {
  const { owner, extensions, hooks } = setUp();
  extensions.register(visitor("sender", { before_send_utf8: () => true }), owner);
  assert.equal(hooks.sending("utf8").length, 1);
  assert.equal(hooks.sending("binary").length, 0);
  assert.equal(hooks.receiving("utf8").length, 0);
});

test("a chain is one array until the set changes, and an array once handed out never does", () => {
  const { owner, extensions, hooks } = setUp();
  extensions.register(visitor("first", { before_send_utf8: () => true }), owner);
  const before = hooks.sending("utf8");
  assert.equal(hooks.sending("utf8"), before);
  extensions.register(visitor("second", { before_send_utf8: () => true }), owner);
  assert.equal(before.length, 1);
  assert.equal(hooks.sending("utf8").length, 2);
  extensions.unregisterAll(owner);
  assert.equal(hooks.sending("utf8").length, 0);
});

test("bytes are in a Buffer for each hook, on the same memory", () => {
  const { owner, extensions, hooks } = setUp();
  const bytes = new Uint8Array([1, 2, 3]);
  const seen: unknown[] = [];
  extensions.register(
    visitor("first", {
      on_receive_binary(_session, box) {
        seen.push(Buffer.isBuffer(box.value), box.value.buffer === bytes.buffer);
        box.value = new Uint8Array([4]) as Buffer;
        return true;
      },
    }),
    owner,
  );
  extensions.register(
    visitor("second", {
      on_receive_binary(_session, box) {
        seen.push(Buffer.isBuffer(box.value), box.value.toString("hex"));
        return true;
      },
    }),
    owner,
  );
  run(hooks.receiving("binary"), bytes);
  assert.deepEqual(seen, [true, true, true, "04"]);
});

test("what a hook leaves in the box of bytes is not made a Buffer when it is none", () => {
  const { owner, extensions, hooks } = setUp();
  extensions.register(visitor("late", { before_send_binary: () => true }), owner);
  const { box } = run(hooks.sending("binary"), 42 as unknown as Payload);
  assert.equal(box.value, 42);
});
