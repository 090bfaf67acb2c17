import { expect, it } from "vitest";
import * as Y from "yjs";
import {
  addCell,
  cellOf,
  cellsOf,
  mapsOf,
  mergeBelow,
  moveCells,
  orderOf,
  removeCells,
  STRUCTURE,
  setSource,
  setType,
  sourceOf,
  splitCell,
  textOf,
} from "./document";
import { outputsOf } from "./output";
import { DocumentStore } from "./store";

const texts = (doc: Y.Doc) => orderOf(doc).map((id) => textOf(cellOf(doc, id)));

/** Two documents of which each hears of the other at once, or once they are joined. */
function pair() {
  const [a, b] = [new Y.Doc(), new Y.Doc()];
  const join = () => {
    Y.applyUpdate(b, Y.encodeStateAsUpdate(a, Y.encodeStateVector(b)));
    Y.applyUpdate(a, Y.encodeStateAsUpdate(b, Y.encodeStateVector(a)));
  };
  return { a, b, join };
}

function three() {
  const doc = new Y.Doc();
  const ids = ["one", "two", "three"].map((source, at) => addCell(doc, at, { source }));
  return { doc, ids: ids as [string, string, string] };
}

it("adds, moves and removes cells", () => {
  const { doc, ids } = three();
  expect(texts(doc)).toEqual(["one", "two", "three"]);
  addCell(doc, 1, { source: "between", type: "markdown" });
  expect(texts(doc)).toEqual(["one", "between", "two", "three"]);
  moveCells(doc, [ids[2], ids[0]], 0);
  expect(texts(doc)).toEqual(["three", "one", "between", "two"]);
  moveCells(doc, [ids[2]], 3);
  expect(texts(doc)).toEqual(["one", "between", "two", "three"]);
  removeCells(doc, [ids[0], ids[2]]);
  expect(texts(doc)).toEqual(["between", "two"]);
});

it("shows a cell once that two people moved, and none whose text is not there", () => {
  const { a, b, join } = pair();
  const ids = ["one", "two", "three"].map((source, at) => addCell(a, at, { source })) as [string, string, string];
  join();
  moveCells(a, [ids[0]], 2);
  moveCells(b, [ids[0]], 1);
  join();
  expect(
    cellsOf(a)
      .toArray()
      .filter((id) => id === ids[0]).length,
  ).toBe(2);
  expect(orderOf(a)).toEqual(orderOf(b));
  expect(orderOf(a).length).toBe(3);
  cellsOf(a).push(["ghost"]);
  expect(orderOf(a)).not.toContain("ghost");
  // A move takes all of them along.
  moveCells(a, [ids[0]], 0);
  expect(orderOf(a)[0]).toBe(ids[0]);
  expect(
    cellsOf(a)
      .toArray()
      .filter((id) => id === ids[0]).length,
  ).toBe(1);
});

it("brings a cell back whole, what the server wrote included, without writing it", () => {
  const { doc, ids } = three();
  const undo = new Y.UndoManager([cellsOf(doc), mapsOf(doc)], {
    trackedOrigins: new Set([STRUCTURE]),
    captureTimeout: 0,
  });
  const cell = cellOf(doc, ids[1]);
  doc.transact(() => {
    cell?.set("execution_count", 7);
    const outputs = new Y.Array<Y.Map<unknown>>();
    outputs.push([new Y.Map(Object.entries({ id: "o", output_type: "stream", name: "stdout", text: "hi" }))]);
    cell?.set("outputs", outputs);
  }, "server");
  removeCells(doc, [ids[1]]);
  expect(texts(doc)).toEqual(["one", "three"]);
  const before = Y.encodeStateVector(doc);
  undo.undo();
  expect(texts(doc)).toEqual(["one", "two", "three"]);
  expect(outputsOf(cellOf(doc, ids[1]))).toMatchObject([{ kind: "stream", text: "hi" }]);
  // All that was said to others is the place of an id.
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  const { structs } = Y.decodeUpdate(Y.encodeStateAsUpdate(doc, before));
  expect(structs.length).toBe(1);
  undo.undo();
  expect(mapsOf(doc).has(ids[1])).toBe(true);
});

it("splits and joins texts at a line", () => {
  const doc = new Y.Doc();
  const id = addCell(doc, 0, { source: "a = 1\nb = 2\nc = 3" });
  splitCell(doc, id, 6);
  expect(texts(doc)).toEqual(["a = 1", "b = 2\nc = 3"]);
  mergeBelow(doc, id);
  expect(texts(doc)).toEqual(["a = 1\nb = 2\nc = 3"]);
});

it("changes a text by its smallest part, so that others' edits of it stay", () => {
  const { a, b, join } = pair();
  const id = addCell(a, 0, { source: "alpha beta gamma" });
  join();
  setSource(a, id, "alpha delta gamma");
  sourceOf(cellOf(b, id))?.insert(16, "!");
  join();
  expect(texts(a)).toEqual(["alpha delta gamma!"]);
  expect(texts(b)).toEqual(texts(a));
});

it("tells a cell of its own changes alone", () => {
  const { doc, ids } = three();
  const store = new DocumentStore(doc);
  const told: string[] = [];
  for (const id of ids) store.watch(`cell ${id}`, () => told.push(id));
  store.watch("order", () => told.push("order"));
  sourceOf(cellOf(doc, ids[1]))?.insert(0, "x");
  setType(doc, ids[2], "markdown");
  expect(told).toEqual([ids[1], ids[2]]);
  const value = store.read("order", "ids", () => orderOf(doc));
  expect(store.read("order", "ids", () => orderOf(doc))).toBe(value);
  addCell(doc, 0);
  expect(told.slice(2)).toEqual(expect.arrayContaining(["order"]));
  expect(store.read("order", "ids", () => orderOf(doc))).not.toBe(value);
  store.close();
});

it("reads outputs of all kinds, and leaves out what is none", () => {
  const cell = new Y.Doc().getMap<unknown>("cell");
  const outputs = new Y.Array<unknown>();
  cell.set("outputs", outputs);
  outputs.push([
    { output_type: "stream", name: "stderr", text: ["a\n", "b"] },
    { output_type: "display_data", data: { "image/png": "…" }, stored: { "text/html": { id: "s", bytes: 5 } } },
    { output_type: "error", ename: "E", evalue: "v", traceback: ["line"] },
    { output_type: "of a later format" },
    "nothing",
  ]);
  expect(outputsOf(cell as Y.Map<unknown>)).toMatchObject([
    { kind: "stream", name: "stderr", text: "a\nb" },
    { kind: "data", data: { "image/png": "…" }, stored: { "text/html": { id: "s", bytes: 5 } } },
    { kind: "error", name: "E", traceback: ["line"] },
  ]);
});
