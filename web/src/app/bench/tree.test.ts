import { Model } from "flexlayout-react";
import { describe, expect, it } from "vitest";
import { fromModel, toModel } from "./adapter";
import { BadLayout, type Layout, panelsOf, readLayout, sameLayout, withSettingsOf } from "./tree";

const panel = (id: string, widget = "FlowView", more = {}) => ({ id, widget, ...more });
const tabs = (id: string, ...children: object[]) => ({ id, widget: "TabSet", selected: 0, children });
const layout = (root: object, windows: object[] = []) => ({ v: 1, root, windows });

const wide = layout(
  {
    id: "h",
    widget: "HorizontalSplit",
    children: [
      {
        ...tabs("t1", panel("a"), panel("b", "PlotView", { settings: { data: ["ds_1"] }, name: "CO₂" })),
        weight: 60,
        selected: 1,
      },
      {
        id: "v",
        widget: "VerticalSplit",
        weight: 40,
        children: [
          { ...tabs("t2", panel("c", "ProcessLog")), weight: 30 },
          { id: "e", widget: "Empty", weight: 70 },
        ],
      },
    ],
  },
  [{ id: "w", widget: "MapView", rect: { x: 10, y: 20, width: 640, height: 480 }, settings: { zoom: 3 } }],
);

/** Through FlexLayout's own model, as the dock does it. */
function round(value: unknown): Layout {
  const read = readLayout(value);
  return fromModel(Model.fromJson(toModel(read, (widget) => widget)).toJson(), read.windows);
}

describe("a layout", () => {
  it("comes back from the dock as it went in", () => {
    expect(round(wide)).toEqual(wide);
    expect(sameLayout(round(round(wide)), round(wide))).toBe(true);
    const tall = layout({
      ...wide.root,
      widget: "VerticalSplit",
      children: [tabs("x", panel("p")), tabs("y", panel("q"))],
    });
    expect(round(tall)).toEqual(tall);
    const one = layout(tabs("only", panel("p")));
    expect(round(one)).toEqual(one);
    expect(round(layout({ id: "e", widget: "Empty" })).root).toMatchObject({ widget: "Empty" });
  });

  it("is put in order: panels into tab sets, splits of one direction into one", () => {
    expect(readLayout(layout(panel("p"))).root).toMatchObject({ widget: "TabSet", children: [{ id: "p" }] });
    const nested = layout({
      id: "h",
      widget: "HorizontalSplit",
      children: [
        tabs("t", panel("a")),
        { id: "i", widget: "HorizontalSplit", weight: 100, children: [tabs("u", panel("b")), panel("c")] },
      ],
    });
    const { root } = round(nested);
    expect(root.children?.map(({ widget, weight }) => [widget, weight])).toEqual([
      ["TabSet", undefined],
      ["TabSet", 50],
      ["TabSet", 50],
    ]);
    expect(panelsOf(root).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("keeps panels of another release", () => {
    const future = layout(tabs("t", panel("x", "HologramView", { settings: { depth: 3 } })));
    expect(round(future)).toEqual(future);
  });

  it("is refused when it is none, with the reason", () => {
    const bad: [unknown, RegExp][] = [
      [null, /no object/],
      [{ v: 2, root: panel("p") }, /version is 2/],
      [{ root: panel("p") }, /version is missing/],
      [layout({ id: "x" }), /which widget/],
      [layout({ id: "x", widget: "<script>" }), /which widget/],
      [layout({ id: "x", widget: "VerticalSplit", children: [] }), /no children/],
      [layout({ id: "x", widget: "TabSet", children: [tabs("y")] }), /but panels/],
      [layout(panel("p"), [panel("w", "TabSet")]), /window/],
      [layout(tabs("t", ...Array.from({ length: 400 }, (_, at) => panel(`${at}`)))), /more than 300/],
    ];
    let deep: object = tabs("t", panel("p"));
    for (let level = 0; level < 30; level += 1) deep = { id: `${level}`, widget: "VerticalSplit", children: [deep] };
    bad.push([layout(deep), /deeper/]);
    for (const [value, reason] of bad) {
      expect(() => readLayout(value)).toThrow(BadLayout);
      expect(() => readLayout(value)).toThrow(reason);
    }
  });

  it("is mended where that is harmless", () => {
    const { root, windows } = readLayout(
      layout({ ...tabs("t", panel("same"), panel("same")), selected: 9, weight: -1 }, [
        { id: "w", widget: "MapView", rect: { x: "far", width: 1 } },
      ]),
    );
    const ids = panelsOf(root).map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    expect([root.selected, root.weight]).toEqual([1, undefined]);
    expect(windows[0]).toMatchObject({ settings: {}, rect: { x: 80, width: 240 } });
  });

  it("gets an earlier arrangement without losing settings", () => {
    const now = readLayout(layout(tabs("t", panel("a", "PlotView", { settings: { line: "red" } }))));
    const earlier = readLayout(layout(tabs("t", panel("a", "PlotView", { settings: { line: "blue" } }), panel("b"))));
    expect(panelsOf(withSettingsOf(earlier, now).root)).toEqual([
      { id: "a", widget: "PlotView", settings: { line: "red" } },
      { id: "b", widget: "FlowView" },
    ]);
  });
});
