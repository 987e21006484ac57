import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stree } from "state-tree";
import { layOut, Rows, Search } from "./index.js";
import { countUpTo } from "./rows.js";

const seen = { time: Infinity, folded: new Set<number>(), chosen: null, alignsEnds: false };

describe("rows", () => {
  it("begin below the node that they branched from, and grow with the tree", () => {
    const tree = stree([{ a: 1 }, { b: 1 }]);
    const rows = new Rows(tree);
    const branch = tree.nodes[0]!.add({ c: 1 });
    tree.add({ d: 1 }, Number.POSITIVE_INFINITY);
    rows.update();
    assert.deepEqual(
      rows.list.map(({ start, nodes }) => [start, nodes.map(({ index }) => index)]),
      [
        [0, [0, 1, 3]],
        [1, [2]],
      ],
    );
    assert.deepEqual([rows.columnOf(branch), rows.columnOf(tree.nodes[3]!)], [1, 2]);
    assert.deepEqual(
      [0, 1, 2, 3].map((time) => countUpTo(rows.list[0]!, time)),
      [1, 2, 2, 3],
    );
  });

  it("follow a row that was compacted", () => {
    const tree = stree([{ a: 1 }, { b: 1 }, { c: 1 }]);
    tree.nodes[0]!.add({ d: 1 });
    const rows = new Rows(tree);
    const gone = tree.nodes[2]!;
    tree.compact(Number.POSITIVE_INFINITY);
    rows.update();
    assert.deepEqual([rows.editions, rows.list[0]!.nodes.length, rows.columnOf(gone)], [1, 2, -1]);
    tree.add({ e: 1 }, -1);
    rows.update();
    assert.deepEqual([rows.editions, rows.list[1]!.nodes.length], [1, 2]);
  });

  it("give a place to the nodes that are wanted, and begin below the next that has one", () => {
    const tree = stree([{ a: 1 }, { b: 1 }, { b: 2 }]);
    tree.nodes[1]!.add({ c: 1 });
    tree.nodes[1]!.add({ d: 1 });
    const rows = new Rows(tree, ({ value }) => !Object.hasOwn(value as object, "b"));
    tree.add({ b: 3 }, Number.POSITIVE_INFINITY);
    tree.add({ e: 1 }, Number.POSITIVE_INFINITY);
    rows.update();
    assert.deepEqual(
      rows.list.map(({ start, parent, nodes }) => [start, parent?.index, nodes.map(({ index }) => index)]),
      [
        [0, undefined, [0, 6]],
        [1, 0, [3]],
        [1, 0, [4]],
      ],
    );
    assert.deepEqual([rows.nodes.length, rows.hidden, rows.columnOf(tree.nodes[1]!)], [4, 3, -1]);
    rows.only(() => true);
    assert.deepEqual([rows.nodes.length, rows.hidden, rows.editions], [7, 0, 0]);
  });

  it("lie where they can be drawn, however long they are", () => {
    const tree = stree(undefined, (_, value) => value);
    for (let index = 0; index < 300_000; index++) tree.add(index);
    const sheet = layOut(new Rows(tree), { ...seen, search: new Search("") });
    assert.deepEqual([sheet.firstColumn, sheet.width < 33e6], [150_000, true]);
  });

  it("end in one column where that is asked for", () => {
    const tree = stree([{ a: 1 }]);
    for (let index = 0; index < 3; index++) tree.add({ long: index });
    tree.nodes[0]!.add({ short: 1 });
    const view = { ...seen, search: new Search(""), alignsEnds: true };
    assert.deepEqual(
      layOut(new Rows(tree), view).lines.map(({ row, shift, count }) => row.start + shift + count),
      [4, 4],
    );
  });

  it("are left out when nothing in them holds the text of a filter, at the time that is looked at", () => {
    const tree = stree([{ a: 1 }, { handler: 1, text: "Hello" }]);
    tree.add({ text: "other" }, tree.nodes[0]!);
    tree.add({ text: "HELLO again" }, -1);
    const search = new Search(" hello ");
    assert.equal(
      search.goOn(tree.nodes, () => true),
      true,
    );
    const shown = (time: number) =>
      layOut(new Rows(tree), { ...seen, search, time }).lines.map(({ row }) => row.number);
    assert.deepEqual([shown(Infinity), shown(2), shown(0)], [[0, 1], [0], []]);
  });

  it("are searched in slices, and new nodes after the others", () => {
    const tree = stree([{ a: 0 }]);
    for (let index = 0; index < 200; index++) tree.add({ a: index }, 0);
    const search = new Search("needle");
    let slices = 1;
    while (!search.goOn(tree.nodes, () => true)) slices++;
    assert.equal(slices, 4);
    assert.equal(search.hasRow(0, Infinity), false);
    tree.add({ text: "needle" }, 1);
    search.goOn(tree.nodes, () => false);
    assert.equal(search.hasRow(0, Infinity), true);
    const again = search.again();
    assert.equal(again.hasRow(0, Infinity), false);
    again.goOn(tree.nodes, () => false);
    assert.equal(again.hasRow(0, Infinity), true);
  });
});
