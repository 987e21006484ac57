import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { combine, DELETE, h, Residue, type Stree, type StreeNode, stree } from "./index.js";

const inc = (_: unknown, { by }: { by: number }): unknown[] => [{ n: by }];

describe("a tree", () => {
  it("is empty at first, and says so", () => {
    for (const tree of [stree(), stree([])]) {
      assert.deepEqual(
        [tree.root, tree.nodes, tree.branches, tree.residue(), tree.toArray()],
        [null, [], [], undefined, []],
      );
      assert.equal(tree.toString(), "[]");
      for (const run of [() => tree.nodePath(), () => tree.getLeaf(), () => tree.add(1, 0), () => tree.addAll([])]) {
        assert.throws(run, { code: "NO_NODE" });
      }
    }
  });

  it("prolongs a row at its leaf and opens one at an inner node", () => {
    const tree = stree([{ a: 1 }, { b: 1 }]);
    const inner = tree.nodes[0]!;
    const second = tree.add({ c: 1 }, inner);
    assert.deepEqual([second.row, second.index, second.parent], [1, 2, inner]);
    assert.deepEqual(tree.residues(), [
      { a: 1, b: 1 },
      { a: 1, c: 1 },
    ]);
    assert.equal(second.add({ d: 1 }).row, 1);
    assert.equal(inner.getLeaf(), tree.branches[0]);
    assert.deepEqual(second.addLeaf({ e: 1 }).residue(), { a: 1, c: 1, d: 1, e: 1 });
    assert.equal(inner.addLeafs([{ f: 1 }, { g: 1 }]), tree.branches[0]);
    assert.deepEqual(
      tree.nodePath(tree.branches[1]).map(({ index }) => index),
      [0, 2, 3, 4],
    );
  });

  it("takes nodes by number, rows by negative number and row 0 by Infinity", () => {
    const tree = stree([{ a: 1 }, { b: 1 }, 0, { c: 1 }]);
    assert.deepEqual(tree.residue(1), { a: 1, b: 1 });
    assert.deepEqual(tree.residue(-1), { a: 1, c: 1 });
    assert.equal(tree.getLeaf(Number.POSITIVE_INFINITY), tree.branches[0]);
    const foreign = stree([-1, 1]).root!;
    for (const ref of [9, -2, 0.5, Number.NaN, Number.NEGATIVE_INFINITY, foreign, {} as StreeNode, null as never]) {
      if (ref !== null) assert.throws(() => tree.add({}, ref), { code: "NO_NODE" });
    }
    assert.equal(tree.nodes.length, 3);
  });

  it("adds all values or none", () => {
    const tree = stree([{ n: 1 }]);
    let heard = 0;
    tree.onAdd(() => heard++);
    assert.throws(() => tree.addAll([{ n: 1 }, { n: "no" }]), { code: "MISMATCH" });
    assert.throws(() => tree.add({ n: [] }), { code: "MISMATCH" });
    assert.deepEqual([tree.nodes.length, tree.branches.length, heard], [1, 1, 0]);
    assert.deepEqual(tree.addAll([{ n: 1 }, { n: 2 }]).residue(), { n: 4 });
    assert.equal(heard, 2);
    assert.equal(tree.addAll([]), tree.nodes[2]);
    assert.throws(() => tree.addAll(1 as never), { code: "BAD_ARGUMENT" });
  });

  it("freezes plain parts, and leaves instances alone", () => {
    const socket = new (class Socket {
      state = 0;
    })();
    const value = Object.freeze({ inner: { list: [{}] }, socket });
    const tree = stree([value]);
    assert.ok(Object.isFrozen(value.inner.list[0]));
    socket.state = 1;
    const returned = { list: [[1]] };
    tree.addAll([h(() => [returned], "give"), { handler: "give" }]);
    assert.ok(Object.isFrozen(returned.list[0]));
    assert.throws(
      () => tree.add(h((core: object) => [Object.assign(core, { x: 1 })], "spoil")).add({ handler: "spoil" }),
      TypeError,
    );
  });

  it("shows a handler within a cascade a state that it cannot change", () => {
    const first = () => [{ count: 1, inner: { list: [1] } }, { handler: "second" }];
    const second = (core: { inner: { list: number[] } }) => {
      assert.throws(() => core.inner.list.push(2), TypeError);
      assert.throws(() => Object.assign(core, { count: 7 }), TypeError);
      return [{ inner: null }];
    };
    const tree = stree<{ count: number; inner: object }>([h(first), h(second), { inner: { list: [] } }]);
    const { count, inner } = tree.add({ handler: "first" }).residue();
    assert.deepEqual([count, inner, Object.isFrozen(inner)], [1, {}, true]);
  });

  it("refuses an addition from inside a handler, and takes it afterwards", () => {
    const later: (() => void)[] = [];
    const tree: Stree<{ n: number }> = stree([
      h(() => [tree.add({ n: 1 })], "now"),
      h(() => {
        later.push(() => tree.add({ n: 5 }, 0));
        return [{ n: 1 }];
      }, "later"),
      { n: 0 },
    ]);
    assert.throws(() => tree.add({ handler: "now" }), { code: "BUSY" });
    tree.add({ handler: "later" });
    later[0]!();
    assert.deepEqual([tree.branches[1]!.residue().n, tree.residue(3).n], [5, 1]);
    tree.add(
      h(() => [tree.compact()], "compact"),
      3,
    );
    assert.throws(() => tree.add({ handler: "compact" }), { code: "BUSY" });
  });

  it("tells listeners of every node in order, those they add themselves included", () => {
    const tree = stree([{ n: 0 }]);
    const first: number[] = [];
    const second: number[] = [];
    const end = tree.onAdd((node) => {
      first.push(node.index);
      if (node.index < 3) tree.add({ n: 1 });
    });
    tree.onAdd((node) => second.push(node.index));
    assert.equal(tree.add({ n: 1 }).index, 1);
    assert.deepEqual(
      [first, second],
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    );
    end();
    tree.add({ n: 1 });
    assert.deepEqual([first.length, second.length], [3, 4]);
  });

  it("lets out what a listener throws when all have been told", () => {
    const tree = stree();
    const heard: unknown[] = [];
    tree.onAdd(() => {
      throw new Error("one");
    });
    const end = tree.onAdd((node) => heard.push(node.value));
    assert.throws(() => tree.add("a"), /one/);
    end();
    tree.onAdd(() => {
      throw new Error("two");
    });
    assert.throws(
      () => tree.add("b"),
      (error) => error instanceof AggregateError && error.errors.length === 2,
    );
    assert.deepEqual([heard, tree.nodes.length], [["a"], 2]);
  });

  it("keeps a summary, which a summary that throws does not touch", () => {
    const summarize = (count: number | undefined, { value }: StreeNode): number => {
      if (value === "bad") throw new Error("bad");
      return (count ?? 0) + 1;
    };
    const tree = stree<string, number>(undefined, combine.with(), { summarize });
    tree.addAll(["a", "b"]);
    assert.throws(() => tree.add("bad"), /bad/);
    assert.deepEqual([tree.summary, tree.nodes.length], [2, 2]);
  });

  it("uses the reducer it is given, and refuses what is none", () => {
    const tree = stree(undefined, (a, b) => `${a}${b}`);
    tree.addAll(["a", "b"]);
    assert.equal(tree.residue(), "ab");
    assert.throws(() => stree([], 1 as never), { code: "BAD_ARGUMENT" });
    assert.deepEqual(stree([["x"], inc]).residue(), ["x", inc]);
  });
});

describe("the forms of a tree", () => {
  const registry = { inc };

  it("number the parent of a number, and of a value that does not follow its parent", () => {
    const last = (_: unknown, b: unknown): unknown => b;
    const tree = stree(undefined, last);
    tree.addAll([1, 2]);
    tree.add("x", tree.addAll([[], "a"], tree.add(null, 0)).parent!);
    assert.deepEqual(tree.toArray(), [-1, 1, 0, 2, 0, null, [], "a", 3, "x"]);
    assert.deepEqual(stree(tree.toArray(), last).residues(), tree.residues());
  });

  it("hold handlers by name, DELETE, residues and marks", () => {
    const tree = stree<{ n: number }>([h(inc), { n: 1, x: 1 }, { x: DELETE }, { $: { $fn: "no" } }], undefined, {
      registry,
    });
    tree.add({ handler: "inc", by: 2 });
    assert.equal(
      tree.toString(),
      '[{"handlers":{"inc":{"handle":{"$fn":"inc"}}}},{"n":1,"x":1},{"x":{"$delete":true}},{"$$":{"$$fn":"no"}},{"handler":"inc","by":2}]',
    );
    const copy = stree<{ n: number }>(tree.toString(), undefined, { registry });
    assert.equal(copy.add({ handler: "inc", by: 4 }).residue().n, 7);
    tree.compact();
    assert.match(tree.toString(), /^\[\{"\$residue":\{"handlers".*\}\}\]$/);
    assert.deepEqual(stree(tree.toString(), undefined, { registry }).residue(), tree.residue());
  });

  it("refuse what JSON lacks, and say where it is", () => {
    const holed = [undefined, Number.NaN, 1n, Symbol("s"), new Date(0), { [Symbol("k")]: 1 }, () => 1, inc];
    for (const bad of holed) {
      assert.throws(() => stree([{ a: [bad] }]).toString(), { code: "NOT_JSON", message: /\(at 0\.a\.0\)/ });
    }
    assert.throws(
      () => stree([{ f: inc }], undefined, { registry: { inc: () => 2 } }).toString(),
      /another of that name/,
    );
  });

  it("of somebody else's making end in an error and run nothing", () => {
    const texts = [
      "",
      "{}",
      "[",
      "1",
      '[{"$fn":"alert"}]',
      '[{"$fn":"toString"}]',
      '[{"$x":1}]',
      '[{"$delete":1}]',
      "[0]",
      "[5,1]",
    ];
    for (const text of texts) assert.throws(() => stree(text, undefined, { registry }), { code: "BAD_TEXT" }, text);
    assert.throws(() => stree('["a",7,"b"]'), { code: "NO_NODE" });
    assert.throws(() => stree(`["secret", ${"[".repeat(3000)}${"]".repeat(3000)}]`), { code: "BAD_TEXT" });
    assert.throws(
      () => stree('["secret'),
      (error: Error) => !error.message.includes("secret"),
    );
    const hostile = stree('[{"__proto__":{"x":1},"a":1}]');
    assert.deepEqual(hostile.residue(), { a: 1 });
    assert.equal(hostile.toString(), '[{"__proto__":{"x":1},"a":1}]');
  });
});

describe("compacting a row", () => {
  it("makes what only it uses one node in the first's place", () => {
    const tree = stree<{ n: number }>([{ n: 1 }, { n: 2 }]);
    tree.add({ n: 10 }, 0);
    const old = tree.add({ n: 20 });
    const merged = tree.compact(old);
    assert.deepEqual(
      tree.nodes.map((node) => node?.index ?? null),
      [0, 1, 2, null],
    );
    assert.deepEqual(
      [merged, tree.branches[1], tree.residue(), tree.residue(-1)],
      [tree.nodes[2], tree.nodes[2], { n: 31 }, { n: 31 }],
    );
    assert.ok(merged.value instanceof Residue);
    assert.throws(() => tree.add({}, old), /compacted/);
    assert.deepEqual(tree.add({ n: 1 }, -1).residue(), { n: 32 });
    assert.equal(tree.compact(0).index, 1);
    assert.ok(!(tree.nodes[1]!.value instanceof Residue), "a single node stays what it is");
  });
});
