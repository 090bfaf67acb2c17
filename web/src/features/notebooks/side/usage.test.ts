import { expect, it } from "vitest";
import { besideOf, fillOf, largestOf, lineOf } from "./usage";

it("says how full a quota is, and is full only when it is", () => {
  expect(fillOf(0, 1000)).toEqual({ percent: 0, level: "fine" });
  expect(fillOf(1, 1_000_000)).toEqual({ percent: 1, level: "fine" });
  expect(fillOf(899, 1000)).toEqual({ percent: 90, level: "fine" });
  expect(fillOf(900, 1000)).toEqual({ percent: 90, level: "nearly" });
  expect(fillOf(999_999, 1_000_000)).toEqual({ percent: 99, level: "nearly" });
  expect(fillOf(1000, 1000)).toEqual({ percent: 100, level: "full" });
  // What is imported is not refused for a quota; and there may be none at all.
  expect(fillOf(5000, 1000)).toEqual({ percent: 100, level: "full" });
  expect(fillOf(0, 0)).toEqual({ percent: 100, level: "full" });
});

it("lists the largest cells and adds up the rest", () => {
  const cells = (sizes: number[]) => sizes.map((bytes, at) => ({ cell: `c${at}`, bytes }));
  expect(largestOf({ cells: cells([1, 0, 30, 2]) })).toEqual({
    cells: [
      { cell: "c2", bytes: 30 },
      { cell: "c3", bytes: 2 },
      { cell: "c0", bytes: 1 },
    ],
    more: 0,
    rest: 0,
  });
  expect(largestOf({ cells: cells([9, 8, 7, 6, 5, 4, 3, 2, 1]) })).toMatchObject({ more: 0, rest: 0 });
  const many = largestOf({ cells: cells([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) });
  expect([many.cells.length, many.more, many.rest]).toEqual([8, 2, 3]);
});

it("knows what the other notebooks store, and names a cell by its first line", () => {
  const used = (bytes: number) => ({ bytes, quota: 100 });
  expect(besideOf({ notebook: used(30), project: used(90) })).toBe(60);
  expect(besideOf({ notebook: used(30), project: used(20) })).toBe(0);
  expect(lineOf("\n  print(1)\nx")).toBe("print(1)");
  expect(lineOf(" \n")).toBe("An empty cell");
});
