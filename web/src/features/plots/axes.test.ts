import { expect, it } from "vitest";
import { axisTitle, axisUnits, firstChoice, fits, type PlotColumn } from "./axes";

const columns: PlotColumn[] = [
  { name: "date", unit: null, type: "time" },
  { name: "co2", unit: "ppm", type: "number" },
  { name: "adjusted", unit: "ppm", type: "number" },
  { name: "depth", unit: "m", type: "number" },
  { name: "speed", unit: "m/s", type: "number" },
  { name: "site", unit: null, type: "other" },
];

it("begins with the first numbers over time", () => {
  expect(firstChoice(columns)).toEqual({ x: 0, ys: [1] });
  expect(firstChoice(columns.slice(5))).toBeNull();
});

it("gives columns of one unit one axis and knows when there is no room for another", () => {
  expect(axisUnits(columns, [1, 3, 2])).toEqual(["ppm", "m"]);
  expect(fits(columns, [1, 3], 2)).toBe(true);
  expect(fits(columns, [1, 3], 4)).toBe(false);
});

it("names an axis by its column when it has it for itself", () => {
  expect(axisTitle(columns, [1, 3], "m")).toBe("depth (m)");
  expect(axisTitle(columns, [1, 2], "ppm")).toBe("ppm");
});
