import { describe, expect, it } from "vitest";
import { joined } from "./arrange";
import { overlap, type Point, type Rect, sizeOf } from "./geometry";
import { build, type GraphProcess } from "./graph";
import { layout, parts, type Task } from "./layout";
import { flowSettings, withMoved } from "./settings";
import { step } from "./walk";

const size = { width: 200, height: 60 };
const boxes = (ids: string) => [...ids].map((id) => ({ id, ...size }));
const pairs = (text: string) => text.split(" ").map((pair) => [pair[0], pair[1]] as [string, string]);

function collisions(rects: Rect[]): number {
  return rects.filter((one, at) => rects.slice(at + 1).some((other) => overlap(one, other))).length;
}

describe("the layout", () => {
  const task: Task = { boxes: boxes("abcdefxyz"), edges: pairs("ab bc bd xy"), aspect: 1.6 };

  it("keeps what hangs together together", () => {
    expect(parts(task).map((part) => part.map(({ id }) => id).join(""))).toEqual(["abcd", "e", "f", "xy", "z"]);
  });

  it("goes from left to right and lets nothing overlap", () => {
    const places = new Map(layout(task));
    const x = (id: string) => places.get(id)?.x ?? Number.NaN;
    expect(x("a") + size.width).toBeLessThan(x("b"));
    expect(x("b") + size.width).toBeLessThan(x("c"));
    expect(x("c")).toBe(x("d"));
    expect(places.size).toBe(9);
    expect(collisions([...places.values()].map((place) => ({ ...place, ...size })))).toBe(0);
  });

  it("fills the shape of the window with many small parts", () => {
    const many = Array.from({ length: 300 }, (_, at) => ({ id: String(at), width: 200, height: at % 7 ? 60 : 400 }));
    const places = layout({ boxes: many, edges: [], aspect: 1.5 });
    const rects = places.map(([, place], at) => ({ ...place, width: 200, height: at % 7 ? 60 : 400 }));
    const width = Math.max(...rects.map((rect) => rect.x + rect.width));
    const height = Math.max(...rects.map((rect) => rect.y + rect.height));
    expect(collisions(rects)).toBe(0);
    expect(width / height).toBeGreaterThan(1);
    expect(width / height).toBeLessThan(2.2);
  });

  it("stands a graph with a cycle", () => {
    expect(layout({ boxes: boxes("abc"), edges: pairs("ab bc ca"), aspect: 1 })).toHaveLength(3);
  });
});

const process = (id: string, reads: string[], writes: string[]) =>
  ({
    process: id,
    name: id,
    inputs: reads.map((name) => ({ id: name, name, kind: "dataset" })),
    outputs: writes.map((name) => ({ id: name, name, media_type: "text/csv" })),
  }) as unknown as GraphProcess;

const graph = build({
  nodes: [process("b", ["ds_a"], ["ds_b", "ds_c"]), process("a", [], ["ds_a"]), process("lonely", [], [])],
  truncated: false,
});

describe("newcomers", () => {
  const known = new Map<string, Point>([
    ["a", { x: 0, y: 0 }],
    ["ds_a", { x: 320, y: 14 }],
  ]);

  it("stand behind what they come from, and nothing that was there moves", () => {
    const places = joined(graph, known);
    expect(places.size).toBe(6);
    for (const [id, place] of known) expect(places.get(id)).toEqual(place);
    expect(places.get("b")?.x).toBeGreaterThan(320 + 200);
    expect(places.get("ds_b")?.x).toBeGreaterThan((places.get("b")?.x ?? 0) + 248);
    expect(places.get("lonely")?.y).toBeLessThan(0);
    const rects = graph.nodes.flatMap((node) => {
      const place = places.get(node.id);
      return place ? [{ ...place, ...sizeOf(node) }] : [];
    });
    expect(collisions(rects)).toBe(0);
  });
});

describe("the arrows", () => {
  const places = new Map<string, Point>([
    ["a", { x: 0, y: 0 }],
    ["ds_a", { x: 320, y: 14 }],
    ["b", { x: 600, y: 0 }],
    ["ds_b", { x: 900, y: 0 }],
    ["ds_c", { x: 900, y: 60 }],
    ["lonely", { x: 0, y: 200 }],
  ]);
  const all = () => true;

  it("go along the edges and to the next above and below", () => {
    expect(step(graph, places, all, "a", "right")).toBe("ds_a");
    expect(step(graph, places, all, "b", "left")).toBe("ds_a");
    expect(step(graph, places, all, "a", "left")).toBeUndefined();
    expect(step(graph, places, all, "a", "down")).toBe("lonely");
    expect(step(graph, places, all, "ds_c", "up")).toBe("ds_b");
  });

  it("pass over what is left out", () => {
    expect(step(graph, places, ({ id }) => id !== "lonely", "a", "down")).not.toBe("lonely");
    expect(step(graph, places, ({ id }) => id !== "ds_a", "a", "right")).toBeUndefined();
  });
});

describe("the settings", () => {
  it("are read with care", () => {
    const settings = flowSettings({ states: ["failed", "gone"], moved: { data: { a: [1, 2], b: "no" } }, mode: 5 });
    expect(settings).toEqual({
      states: ["failed"],
      mode: undefined,
      map: true,
      moved: { data: { a: [1, 2] }, processes: {} },
    });
  });

  it("keep the last places only", () => {
    const full = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`n${at}`, [at, 0] as const]));
    const moved = withMoved(full, "new", { x: 7.4, y: 0 });
    expect(Object.keys(moved)).toHaveLength(2000);
    expect(moved).toMatchObject({ new: [7, 0] });
    expect(moved).not.toHaveProperty("n0");
    expect(Object.keys(withMoved(moved, "n5", { x: 0, y: 0 })).at(-1)).toBe("n5");
  });
});
