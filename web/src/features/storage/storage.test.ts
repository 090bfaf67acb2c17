import { expect, it } from "vitest";
import { withUnits } from "./columns";
import { hexDump } from "./preview";

it("finds units in the declaration, beside it, and in the heading", () => {
  expect(withUnits(["f", "a"], { units: '{"f":"Hz","a":"m"}', columns: ["f", "a"] })).toEqual([
    { name: "f", unit: "Hz" },
    { name: "a", unit: "m" },
  ]);
  expect(withUnits(["x"], { columns: [{ name: "x", unit: "km" }], units: null })).toEqual([{ name: "x", unit: "km" }]);
  expect(withUnits(["co2 (ppm)", "date"])).toEqual([
    { name: "co2", unit: "ppm" },
    { name: "date", unit: null },
  ]);
});

it("shows bytes and what is printable of them", () => {
  expect(hexDump("48690a")).toBe(`00000000  ${"48 69 0a".padEnd(47)}  Hi.`);
});
