import { expect, it } from "vitest";
import { cellDiff, cellsOfFile, lineDiff } from "./diff";

const signs = { same: " ", added: "+", removed: "-" };
const shown = (before: string, after: string) => lineDiff(before, after).map(({ kind, text }) => signs[kind] + text);

it("tells lines that came and went", () => {
  expect(shown("a\nb\nc", "a\nx\nc\nd")).toEqual([" a", "-b", "+x", " c", "+d"]);
  expect(shown("same", "same")).toEqual([" same"]);
  const long = Array.from({ length: 3000 }, (_, n) => n).join("\n");
  expect(lineDiff(long, `x${long}`).length).toBe(6000);
});

it("tells cells by their ids", () => {
  const cells = (...texts: [id: string, text: string][]) => texts.map(([id, text]) => ({ id, type: "code", text }));
  const before = cells(["a", "1"], ["b", "2"], ["c", "3"], ["d", "4"]);
  const after = cells(["a", "1"], ["c", "3!"], ["e", "new"], ["d", "4"]);
  expect(cellDiff(before, after).map(({ id, kind }) => [id, kind])).toEqual([
    ["a", "same"],
    ["b", "removed"],
    ["c", "changed"],
    ["e", "added"],
    ["d", "same"],
  ]);
  expect(cellDiff(cells(["a", "1"], ["b", "2"]), cells(["b", "2"], ["a", "1"])).map(({ kind }) => kind)).toEqual([
    "moved",
    "moved",
  ]);
});

it("reads cells of files, with texts as one or as lines", () => {
  const cells = [{ id: "a", cell_type: "code", source: ["x\n", "y"] }, { cell_type: "markdown", source: "z" }, null];
  expect(cellsOfFile({ cells }).map(({ id, text }) => [id, text])).toEqual([
    ["a", "x\ny"],
    ["cell 1", "z"],
    ["cell 2", ""],
  ]);
  expect(cellsOfFile("nothing")).toEqual([]);
});
