import { expect, it } from "vitest";
import { assign, type Wish } from "./axes";
import type { Column, ColumnType } from "./elements/element";

const column = (name: string, unit: string | null, type: ColumnType = "number"): Column => ({
  name,
  unit,
  type,
  values: [],
});
const time = column("date", null, "time");
const wish = (id: string, y: Column, more: Partial<Wish> = {}): Wish => ({ id, x: time, y, logarithmic: {}, ...more });

it("puts what can be converted on one axis, in the unit of the first", () => {
  const { axes, places } = assign([wish("a", column("co2", "ppm")), wish("b", column("share", "%"))]);
  expect(axes.map(({ slot, unit, type }) => [slot, unit, type])).toEqual([
    ["x", null, "date"],
    ["y", "ppm", "linear"],
  ]);
  expect(places.get("b")).toEqual({ x: "x", y: "y" });
  expect(axes[1]?.title).toBe("co2, share (ppm)");
});

it("takes up to three axes upwards and says what finds no place", () => {
  const { places, left } = assign([
    wish("a", column("depth", "m")),
    wish("b", column("t", "s")),
    wish("c", column("field", "nT")),
    wish("d", column("mass", "kg")),
    wish("e", column("height", "km")),
  ]);
  expect([...places].map(([id, { y }]) => [id, y])).toEqual([
    ["a", "y"],
    ["b", "y2"],
    ["c", "y3"],
    ["e", "y"],
  ]);
  expect(left.get("d")).toContain("mass (kg)");
});

it("keeps unknown units and units at all apart from none", () => {
  const { places } = assign([
    wish("a", column("p", "flurbs")),
    wish("b", column("q", "blurbs")),
    wish("c", column("r", null)),
    wish("d", column("s", "flurbs")),
  ]);
  expect(["a", "b", "c", "d"].map((id) => places.get(id)?.y)).toEqual(["y", "y2", "y3", "y"]);
});

it("obeys a hand that puts an element elsewhere, unless it can't lie there", () => {
  const hand = assign([wish("a", column("u", "m")), wish("b", column("v", "m"), { axis: "y2" })]);
  expect([hand.places.get("a")?.y, hand.places.get("b")?.y]).toEqual(["y", "y2"]);
  const wrong = assign([wish("a", column("u", "m"), { axis: "y2" }), wish("b", column("v", "s"), { axis: "y2" })]);
  expect(wrong.places.get("b")?.y).toBe("y");
});

it("gives a second quantity across its own axis, and no third", () => {
  const over = (id: string, x: Column) => wish(id, column("a", "m"), { x });
  const { places, left } = assign([over("a", time), over("b", column("f", "Hz")), over("c", column("z", "m"))]);
  expect(places.get("b")?.x).toBe("x2");
  expect(left.has("c")).toBe(true);
});

it("takes unit, scale, title and direction from the plot, and passes over a unit that can't be", () => {
  const wishes = [wish("a", column("depth", "m"), { logarithmic: { y: true } })];
  const { axes } = assign(wishes, { y: { unit: "km", scale: "linear", title: "Depth", reversed: true } });
  expect(axes[1]).toMatchObject({ unit: "km", type: "linear", title: "Depth", reversed: true });
  expect(assign(wishes, { y: { unit: "s" } }).axes[1]).toMatchObject({ unit: "m", type: "log" });
});
