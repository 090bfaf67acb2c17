import { describe, expect, it } from "vitest";
import { graphAfter } from "./feed";
import { around, build, type GraphProcess, type GraphView, lineage, sameStructure, withoutData } from "./graph";

function process(id: string, reads: string[], writes: string[], more: Partial<GraphProcess> = {}): GraphProcess {
  return {
    process: id,
    name: id.toUpperCase(),
    type: "fft",
    environment: "bootstrap",
    version: 1,
    state: "running",
    created_at: "2026-01-01T00:00:00Z",
    inputs: reads.map((name) => ({ id: name, name, kind: name.startsWith("up_") ? "upload" : "dataset" })),
    outputs: writes.map((name) => ({ id: name, name, media_type: "text/csv" })),
    ...more,
  };
}

// up_1 → a → ds_a → b → ds_b → d ; ds_a → c
const view: GraphView = {
  nodes: [
    process("d", ["ds_b"], []),
    process("c", ["ds_a"], ["ds_c"]),
    process("b", ["ds_a"], ["ds_b"]),
    process("a", ["up_1"], ["ds_a"]),
  ],
  truncated: false,
};
const pairs = (graph: ReturnType<typeof build>) => graph.edges.map(({ from, to }) => `${from} ${to}`).sort();

describe("the graph", () => {
  it("has processes and the data that they read and write, each once", () => {
    const graph = build(view);
    expect(graph.nodes.map(({ id }) => id).sort()).toEqual(["a", "b", "c", "d", "ds_a", "ds_b", "ds_c", "up_1"]);
    expect(pairs(graph)).toEqual(["a ds_a", "b ds_b", "c ds_c", "ds_a b", "ds_a c", "ds_b d", "up_1 a"]);
    expect(graph.byId.get("up_1")?.kind).toBe("upload");
  });

  it("knows who wrote what an older version left", () => {
    const old = { id: "ds_old", name: "old", kind: "dataset", process: "a" } as const;
    const graph = build({ nodes: [process("e", [], [], { inputs: [old] }), process("a", [], [])], truncated: false });
    expect(pairs(graph)).toEqual(["a ds_old", "ds_old e"]);
  });

  it("folds data away into edges between processes", () => {
    const graph = withoutData(build(view));
    expect(graph.nodes.every(({ kind }) => kind === "process")).toBe(true);
    expect(pairs(graph)).toEqual(["a b", "a c", "b d"]);
  });

  it("finds all that something was made from and into, and nothing beside", () => {
    const graph = build(view);
    expect([...lineage(graph, "ds_b")].sort()).toEqual(["a", "b", "d", "ds_a", "ds_b", "up_1"]);
    expect([...lineage(graph, "up_1")]).toHaveLength(8);
    expect([...lineage(graph, "c")].sort()).toEqual(["a", "c", "ds_a", "ds_c", "up_1"]);
  });

  it("shows the neighbourhood, the nearest first", () => {
    const graph = build(view);
    expect([...around(graph, ["b"], 1, 10).byId.keys()].sort()).toEqual(["b", "ds_a", "ds_b"]);
    expect(around(graph, ["b"], 9, 4).nodes).toHaveLength(4);
  });
});

describe("an event", () => {
  const data = { process: "b", version: 1 };

  it("of progress or state changes one process and not the structure", () => {
    const after = graphAfter(view, "process.progress", { ...data, fraction: 0.5, message: "half" });
    expect(after?.nodes[2]?.progress).toEqual({ fraction: 0.5, message: "half" });
    expect(after?.nodes[1]).toBe(view.nodes[1]);
    expect(after && sameStructure(view, after)).toBe(true);
    expect(graphAfter(view, "process.failed", { ...data, state: "failed" })?.nodes[2]?.state).toBe("failed");
  });

  it("of an end brings the outputs", () => {
    const outputs = [{ id: "ds_new", name: "new", media_type: "text/csv" }];
    const after = graphAfter(view, "process.completed", { ...data, state: "completed", outputs });
    expect(after?.nodes[2]?.outputs).toEqual(outputs);
    expect(after && sameStructure(view, after)).toBe(false);
  });

  it("of what is not known asks for the graph again, one of an old version for nothing", () => {
    expect(graphAfter(view, "process.queued", { process: "new", version: 1, state: "queued" })).toBeUndefined();
    expect(graphAfter(view, "process.queued", { ...data, version: 2, state: "queued" })).toBeUndefined();
    const newer = { ...view, nodes: [process("b", [], [], { version: 3 })] };
    expect(graphAfter(newer, "process.failed", { ...data, state: "failed" })).toBe(newer);
  });

  it("of a deletion takes it out", () => {
    expect(graphAfter(view, "process.deleted", data)?.nodes.map((one) => one.process)).toEqual(["d", "c", "a"]);
  });
});
