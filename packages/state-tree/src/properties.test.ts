import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fitting, plainValue } from "./arbitraries.test.js";
import { combine, DELETE, h, Residue, stree } from "./index.js";

/** Values for one tree, each with a choice of its parent. */
const growth = fc.array(fc.tuple(fitting, fc.nat()), { minLength: 1, maxLength: 30 });

function grown(steps: readonly (readonly [unknown, number])[]): ReturnType<typeof stree> {
  const tree = stree();
  for (const [value, choice] of steps) tree.add(value, tree.root === null ? undefined : choice % tree.nodes.length);
  return tree;
}

function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

function holdsDelete(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === DELETE;
  return Object.values(value).some(holdsDelete);
}

function deepFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(deepFrozen);
}

describe("combine, whatever the values", () => {
  it("has undefined for its identity on both sides", () => {
    fc.assert(
      fc.property(plainValue, (value) => {
        assert.equal(combine(value, undefined), value);
        assert.equal(combine(undefined, value), value);
      }),
    );
  });

  it("is pure: it changes neither value, and twice the same comes to the same", () => {
    fc.assert(
      fc.property(plainValue, plainValue, (a, b) => {
        const before = structuredClone([a, b]);
        const first = outcome(() => combine(a, b));
        assert.deepEqual([a, b], before);
        assert.deepEqual(
          outcome(() => combine(a, b)),
          first,
        );
      }),
    );
  });

  it("leaves no DELETE in any result", () => {
    fc.assert(fc.property(fitting, fitting, (a, b) => assert.equal(holdsDelete(combine(a, b)), false)));
  });

  it("comes to the same as a list and one after the other", () => {
    fc.assert(
      fc.property(fc.array(fitting, { minLength: 2, maxLength: 6 }), (list) => {
        assert.deepEqual(
          combine(list),
          list.reduce<unknown>((a, b) => combine(a, b), undefined),
        );
      }),
    );
  });
});

describe("a tree, however it grew", () => {
  it("has as the residue of every node the reduction of its path, and all of it frozen", () => {
    fc.assert(
      fc.property(growth, (steps) => {
        const tree = grown(steps);
        for (const node of tree.nodes) {
          const path = node!.nodePath();
          assert.equal(path[0], tree.root);
          assert.equal(path.at(-1), node);
          assert.deepEqual(node!.residue(), combine(path.map(({ value }) => value)));
          assert.ok(deepFrozen(node!.residue()) && deepFrozen(node!.value));
        }
      }),
    );
  });

  it("has a row for every leaf, and every node on the row that it was added on", () => {
    fc.assert(
      fc.property(growth, (steps) => {
        const tree = grown(steps);
        const parents = new Set(tree.nodes.map((node) => node!.parent));
        const leaves = tree.nodes.filter((node) => !parents.has(node));
        assert.deepEqual(new Set(tree.branches), new Set(leaves));
        for (const node of tree.nodes) assert.ok(tree.getLeaf(node!).nodePath().includes(node!));
        for (const [row, leaf] of tree.branches.entries()) assert.equal(leaf.row, row);
      }),
    );
  });

  it("comes back from its list and its text", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(plainValue, fc.nat()), { minLength: 1, maxLength: 12 }), (steps) => {
        // The values are any, so the reducer must not mind which follow each other.
        const last = (_: unknown, b: unknown): unknown => b;
        const tree = stree(undefined, last);
        for (const [value, choice] of steps)
          tree.add(value, tree.root === null ? undefined : choice % tree.nodes.length);
        for (const copy of [stree(tree.toArray(), last), stree(tree.toString(), last)]) {
          assert.deepEqual(copy.toArray(), tree.toArray());
          assert.deepEqual(copy.residues(), tree.residues());
          assert.deepEqual(
            copy.nodes.map((node) => [node!.row, node!.parent?.index]),
            tree.nodes.map((node) => [node!.row, node!.parent?.index]),
          );
        }
      }),
    );
  });

  it("keeps every residue of a leaf when rows are compacted, and comes back from its text", () => {
    fc.assert(
      fc.property(growth, fc.array(fc.nat(), { maxLength: 4 }), (steps, choices) => {
        const tree = grown(steps);
        const before = tree.residues();
        for (const choice of choices) tree.compact(tree.branches[choice % tree.branches.length]!);
        assert.deepEqual(tree.residues(), before);
        for (const [index, node] of tree.nodes.entries()) {
          if (node === null) continue;
          assert.equal(node.index, index);
          assert.deepEqual(node.residue(), combine(node.nodePath().map(({ value }) => value)));
        }
        const copy = stree(tree.toString());
        assert.deepEqual(copy.residues(), before);
        assert.equal(copy.toString(), tree.toString());
      }),
    );
  });

  it("runs a handler once for every message added, whatever is asked afterwards", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 }), { maxLength: 20 }), (amounts) => {
        let runs = 0;
        const tree = stree<{ n: number }>([
          h((_, { by }: { by: number }) => {
            runs++;
            return [{ n: by }];
          }, "inc"),
          { n: 0 },
        ]);
        for (const by of amounts) tree.add({ handler: "inc", by });
        for (const node of tree.nodes) node!.residue();
        tree.residues();
        tree.compact();
        assert.equal(
          tree.residue().n,
          amounts.reduce((a, b) => a + b, 0),
        );
        assert.equal(runs, amounts.length);
        assert.ok(tree.branches[0]!.value instanceof Residue);
      }),
    );
  });
});
