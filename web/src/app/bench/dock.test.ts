import { beforeEach, describe, expect, it, vi } from "vitest";
import { undo } from "@/shared/undo/undo";
import { Dock } from "./dock";
import { type Layout, panelsOf, readLayout } from "./tree";

const start = (): Layout =>
  readLayout({
    v: 1,
    root: {
      id: "h",
      widget: "HorizontalSplit",
      children: [
        {
          id: "left",
          widget: "TabSet",
          children: [
            { id: "a", widget: "FlowView" },
            { id: "b", widget: "PlotView" },
          ],
        },
        { id: "right", widget: "TabSet", children: [{ id: "c", widget: "ProcessLog" }] },
      ],
    },
    windows: [],
  });

let dock: Dock;
let saved: Layout | undefined;

beforeEach(() => {
  undo.forget(() => true);
  saved = undefined;
  dock = new Dock(start(), {
    titleOf: (widget) => widget,
    onChange: (layout) => {
      saved = layout;
    },
  });
});

/** The panels of each set. */
const sets = () => dock.sets().map((set) => set.getTabNodes().map((node) => node.getId()));

describe("the dock", () => {
  it("moves, splits, closes and brings all back", async () => {
    dock.move("a", 1);
    expect(sets()).toEqual([["b"], ["c", "a"]]);
    dock.split("a", "down");
    expect(sets()).toEqual([["b"], ["c"], ["a"]]);
    expect(saved?.root.children?.[1]).toMatchObject({ widget: "VerticalSplit" });
    dock.close("b");
    expect(sets()).toEqual([["c"], ["a"]]);
    for (let step = 0; step < 3; step += 1) await undo.undo();
    expect(saved).toEqual(start());
    expect(sets()).toEqual([["a", "b"], ["c"]]);
    await undo.redo();
    expect(sets()).toEqual([["b"], ["c", "a"]]);
  });

  it("gives a lone panel an empty place beside it", () => {
    dock.split("c", "right");
    expect(sets()).toEqual([["a", "b"], ["c"], []]);
    expect(saved?.root.children?.map(({ widget }) => widget)).toEqual(["TabSet", "TabSet", "Empty"]);
    const empty = dock.sets()[2];
    dock.add("MapView", {}, empty);
    expect(panelsOf((saved as Layout).root).at(-1)?.widget).toBe("MapView");
  });

  it("shows a panel that is there already instead of a second one", () => {
    const id = dock.reveal("WorkspaceFrame", { workspace: "ws_1" });
    dock.select("a");
    expect(dock.reveal("WorkspaceFrame", { workspace: "ws_1" })).toBe(id);
    expect(dock.activePanel()?.getId()).toBe(id);
    expect(dock.reveal("WorkspaceFrame", { workspace: "ws_2" })).not.toBe(id);
    expect(sets().flat()).toHaveLength(5);
  });

  it("shifts tabs within their set", () => {
    dock.shift("a", 1);
    expect(sets()[0]).toEqual(["b", "a"]);
    dock.shift("a", -1);
    expect(sets()[0]).toEqual(["a", "b"]);
    dock.shift("a", -1);
    expect(sets()[0]).toEqual(["a", "b"]);
  });

  it("grows and shrinks in the direction that there is", async () => {
    expect(dock.resize("c", "height", 1)).toBe(false);
    expect(dock.resize("c", "width", 1)).toBe(true);
    dock.resize("c", "width", 1);
    const weights = saved?.root.children?.map(({ weight = 100 }) => weight) ?? [];
    expect(weights[1]).toBeGreaterThan(weights[0] ?? 0);
    await undo.undo();
    expect(saved).toEqual(start());
  });

  it("keeps what panels remember, also when an older arrangement comes back", async () => {
    dock.move("a", 1);
    dock.setSettings("a", { zoom: 2 });
    expect(saved && panelsOf(saved.root).find(({ id }) => id === "a")?.settings).toEqual({ zoom: 2 });
    await undo.undo();
    expect(sets()).toEqual([["a", "b"], ["c"]]);
    expect(saved && panelsOf(saved.root).find(({ id }) => id === "a")?.settings).toEqual({ zoom: 2 });
  });

  it("names a tab by a person, the panel, or its kind", () => {
    const title = () => dock.titleOf(dock.find("a") as never);
    expect(title()).toBe("FlowView");
    dock.setTitle("a", "Flow of Demo");
    expect(title()).toBe("Flow of Demo");
    dock.rename("a", "  Mine ");
    expect(title()).toBe("Mine");
    expect(saved && panelsOf(saved.root)[0]?.name).toBe("Mine");
    dock.rename("a", "");
    expect(title()).toBe("Flow of Demo");
  });

  it("puts a panel into a window and back", async () => {
    const rect = { x: 1, y: 2, width: 600, height: 400 };
    dock.setSettings("b", { y: "co2" });
    dock.popOut("b", rect);
    expect(sets()).toEqual([["a"], ["c"]]);
    expect(saved?.windows).toEqual([{ id: "b", widget: "PlotView", rect, settings: { y: "co2" } }]);
    dock.setWindow("b", { settings: { y: "t" }, rect: { ...rect, x: 50 } });
    expect(saved?.windows[0]).toMatchObject({ rect: { x: 50 }, settings: { y: "t" } });
    dock.dockBack("b");
    expect(saved?.windows).toEqual([]);
    expect(saved && panelsOf(saved.root).find(({ id }) => id === "b")?.settings).toEqual({ y: "t" });
    await undo.undo();
    expect(saved?.windows).toHaveLength(1);
  });

  it("tells nobody when it shows what somebody else saved", () => {
    const told = vi.fn();
    const quiet = new Dock(start(), { titleOf: String, onChange: told });
    quiet.show({ ...start(), root: { id: "e", widget: "Empty" } });
    expect(told).not.toHaveBeenCalled();
    expect(undo.state.undo).toBeUndefined();
  });
});
