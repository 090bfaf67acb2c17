import { expect, it } from "vitest";
import { choiceFrom } from "./browse/choice";
import { fits, type Item, merge, order } from "./browse/listing";
import { unitOfAll, withUnits } from "./columns";
import { difference, hash } from "./send/fingerprint";
import { numbered } from "./send/names";
import { Speed } from "./send/speed";
import { pieces, shownName } from "./shown-text";
import { shellWord } from "./snippets";

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
  expect([
    unitOfAll({ units: "m" }),
    unitOfAll({ units: '{"d":"km"}' }),
    unitOfAll({ units: '{"d":"m","e":"s"}' }),
  ]).toEqual(["m", "km", null]);
});

it("takes from an address only what it knows", () => {
  expect(choiceFrom({ name: "a", kind: "x", type: "table", sort: "drop", data: 3, process: "" })).toEqual({
    name: "a",
    type: "table",
  });
});

const item = (id: string, size: number, media_type = "text/csv") =>
  ({ id, name: id, size, media_type, created_at: `2024-01-0${size}` }) as Item;

it("holds back what a list that goes on may still put in between", () => {
  const parts = [
    { items: [item("a", 1), item("d", 4)], more: true },
    { items: [item("b", 2), item("c", 3), item("e", 5)], more: false },
  ];
  const { items, behind } = merge(parts, order("size"));
  expect(items.map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
  expect(behind).toBe(0);
  expect(
    merge(
      [
        { items: [item("a", 1)], more: false },
        { items: [], more: true },
      ],
      order("-name"),
    ).items,
  ).toHaveLength(1);
});

it("narrows by name and by groups of types", () => {
  expect(fits(item("Wells.csv", 1), { name: "wells", type: "table" })).toBe(true);
  expect(fits(item("x", 1, "image/png"), { type: "image" })).toBe(true);
  expect(fits(item("x", 1, "image/png"), { type: "table" })).toBe(false);
  expect(fits(item("up_1", 1), { process: "proc_1" })).toBe(false);
});

it("numbers names that are taken", () => {
  expect(["a/b.csv", "a.d/b", "b (2).csv", ".env"].map(numbered)).toEqual([
    "a/b (2).csv",
    "a.d/b (2)",
    "b (3).csv",
    ".env (2)",
  ]);
});

it("knows a file again by its name, size, time and beginning", () => {
  const known = { name: "a", size: 3, lastModified: 5, head: hash(new Uint8Array([1, 2, 3])) };
  expect(difference(known, { ...known })).toBeUndefined();
  expect(difference(known, { ...known, head: hash(new Uint8Array([1, 2, 4])) })).toContain("content");
  expect(difference(known, { ...known, size: 4 })).toContain("4 bytes");
});

it("tells the speed of the last seconds", () => {
  const speed = new Speed();
  speed.begin(1000, 0);
  expect(speed.at(1100, 100)).toBeUndefined();
  expect(speed.at(3000, 2000)).toBe(1000);
});

it("makes characters that steer visible", () => {
  expect(shownName("a\u202egpj.exe")).toBe("a⟨U+202E⟩gpj.exe");
  expect(pieces("x\u001b[31m")).toEqual([{ text: "x" }, { text: "\u001b", steering: "U+001B" }, { text: "[31m" }]);
  expect(pieces("a\tb")).toEqual([{ text: "a\tb" }]);
});

it("quotes for the shell", () => {
  expect([shellWord("a.csv"), shellWord("it's; rm")]).toEqual(["a.csv", `'it'\\''s; rm'`]);
});
