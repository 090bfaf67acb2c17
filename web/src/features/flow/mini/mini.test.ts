import { expect, it } from "vitest";
import type { Lineage } from "@/shared/api/types";
import type { GraphProcess, GraphView } from "../graph";
import { lineageGraph } from "./lineage-graph";
import { newest } from "./project-parts";

it("puts the versions between the data of a lineage", () => {
  const lineage = {
    root: "ds_2",
    truncated: false,
    nodes: [
      { id: "up_1", kind: "upload", name: "in.csv", gone: true },
      { id: "ds_1", kind: "dataset", name: "table", gone: false, process: "proc_a", version: 2 },
      { id: "ds_2", kind: "dataset", name: "map", gone: false, process: "proc_b", version: 1 },
      { id: "ds_3", kind: "dataset", name: "report", gone: false, process: "proc_b", version: 1 },
    ],
    edges: [
      { from: "up_1", to: "ds_1" },
      { from: "ds_1", to: "ds_2" },
      { from: "ds_1", to: "ds_3" },
    ],
  } as Lineage;
  const { graph, made, gone } = lineageGraph(lineage, (process) => (process === "proc_a" ? "Table" : undefined));
  expect(graph.edges.map(({ from, to }) => `${from} ${to}`).sort()).toEqual([
    "ds_1 proc_b/1",
    "proc_a/2 ds_1",
    "proc_b/1 ds_2",
    "proc_b/1 ds_3",
    "up_1 proc_a/2",
  ]);
  expect(graph.byId.get("proc_a/2")?.name).toBe("Table v2");
  expect(graph.byId.get("proc_b/1")?.name).toBe("A process");
  expect(made.get("proc_a/2")).toEqual({ process: "proc_a", version: 2 });
  expect([...gone]).toEqual(["up_1"]);
});

it("previews the newest processes, at least one", () => {
  const process = (outputs: number) => ({ inputs: [], outputs: Array(outputs).fill({}) }) as unknown as GraphProcess;
  const view: GraphView = { nodes: [process(50), process(1), process(1)], truncated: false };
  expect(newest(view, 30).nodes).toHaveLength(1);
  expect(newest({ ...view, nodes: [process(9), process(9), process(20)] }, 30)).toMatchObject({
    nodes: { length: 2 },
    truncated: true,
  });
});
