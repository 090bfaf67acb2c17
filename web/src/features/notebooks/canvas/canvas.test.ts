import { expect, it } from "vitest";
import * as Y from "yjs";
import { addCell, orderOf } from "../model/document";
import { addEdge, edgesOf, refusal, removeEdge } from "./edges";
import { type Box, derive, GRID, headingOf, layOut, type Placed, titleOf } from "./layout";

const auto = (id: string, height = 100): Placed => ({ id, left: null, top: null, width: null, height });
const inside = (box: Box | undefined, frame: Box | undefined) =>
  box !== undefined &&
  frame !== undefined &&
  box.left >= frame.left &&
  box.top >= frame.top &&
  box.left + box.width <= frame.left + frame.width &&
  box.top + box.height <= frame.top + frame.height;
const apart = (a: Box, b: Box) =>
  a.left + a.width <= b.left || b.left + b.width <= a.left || a.top + a.height <= b.top || b.top + b.height <= a.top;

const cells = ["intro", "load", "read", "clean", "sort", "draw", "plot"];
const headings = [0, 1, 0, 2, 0, 1, 0];
const children = derive(cells.map((id, at) => ({ id, heading: headings[at] ?? 0 })));

it("finds sections by headings", () => {
  expect([...children]).toEqual([
    ["load", ["read", "clean"]],
    ["clean", ["sort"]],
    ["draw", ["plot"]],
  ]);
  expect(["# a", "  ###### b", "#tag", "####### c", "text\n# d", "#"].map(headingOf)).toEqual([1, 6, 0, 0, 0, 1]);
  expect(titleOf("\n## A plan ##\nmore")).toBe("A plan");
});

it("lays sections out as columns, cells apart from each other and inside of their frames", () => {
  const { cells: boxes, frames } = layOut(
    cells.map((id, at) => auto(id, 90 + 37 * at)),
    children,
    new Set(),
  );
  expect(frames.map(({ id }) => id)).toEqual(["load", "draw", "clean"]);
  const frame = (id: string) => frames.find((one) => one.id === id);
  for (const id of ["load", "read", "clean", "sort"]) expect(inside(boxes.get(id), frame("load")), id).toBe(true);
  for (const id of ["clean", "sort"]) expect(inside(boxes.get(id), frame("clean")), id).toBe(true);
  expect(inside(frame("clean"), frame("load"))).toBe(true);
  const all = [...boxes.values()];
  for (const [at, a] of all.entries()) for (const b of all.slice(at + 1)) expect(apart(a, b)).toBe(true);
  expect(apart(frame("load") as Box, frame("draw") as Box)).toBe(true);
  expect(apart(frame("load") as Box, boxes.get("intro") as Box)).toBe(true);
  for (const { left, top } of all) expect([left % GRID, top % GRID]).toEqual([0, 0]);
});

it("leaves a cell where somebody put it, and folds sections", () => {
  const placed: Placed = { id: "read", left: 1000, top: -300, width: 400, height: 50 };
  const all = cells.map((id) => (id === "read" ? placed : auto(id)));
  const { cells: boxes, frames } = layOut(all, children, new Set());
  expect(boxes.get("read")).toMatchObject({ left: 1000, top: -300, width: 400 });
  expect(
    inside(
      boxes.get("read"),
      frames.find(({ id }) => id === "load"),
    ),
  ).toBe(true);
  const folded = layOut(all, children, new Set(["load"]));
  expect([...folded.cells.keys()]).toEqual(["intro", "draw", "plot"]);
  expect(folded.frames.map(({ id, folded }) => [id, folded])).toEqual([
    ["load", true],
    ["draw", false],
  ]);
});

it("survives what others wrote wrongly", () => {
  const circle = new Map([
    ["a", ["b", "ghost"]],
    ["b", ["a"]],
    ["c", ["c", "a"]],
  ]);
  const { cells: boxes } = layOut(
    ["a", "b", "c"].map((id) => auto(id)),
    circle,
    new Set(),
  );
  expect(boxes.size).toBe(3);
});

it("draws and removes edges, but no circles", () => {
  const doc = new Y.Doc();
  for (const source of ["a", "b", "c"]) addCell(doc, 99, { source });
  const [a = "", b = "", c = ""] = orderOf(doc);
  addEdge(doc, a, b);
  addEdge(doc, b, c);
  const edges = edgesOf(doc);
  expect(edges.map(({ source, target }) => [source, target])).toEqual([
    [a, b],
    [b, c],
  ]);
  expect(refusal(edges, a, c)).toBeUndefined();
  expect(refusal(edges, c, a)).toContain("circle");
  expect(refusal(edges, a, a)).toContain("itself");
  expect(refusal(edges, a, b)).toContain("already");
  removeEdge(doc, a, b);
  expect(edgesOf(doc).length).toBe(1);
});

it("takes all that is folded away along with its frame", () => {
  const given = cells.map((id) => auto(id));
  for (const folded of [new Set<string>(), new Set(["load"]), new Set(["clean"])]) {
    const frame = layOut(given, children, folded).frames.find(({ id }) => id === "load");
    expect(frame?.members).toEqual(["load", "read", "clean", "sort"]);
  }
});
