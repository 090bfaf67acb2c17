// The server's lineage, which goes from data to data, with the versions that made them in between.

import type { Lineage } from "@/shared/api/types";
import { assemble, type FlowGraph, type FlowNode } from "../graph";

export interface Made {
  process: string;
  version: number;
}

export interface LineageGraph {
  graph: FlowGraph;
  /** Of a version's node: which it is. */
  made: ReadonlyMap<string, Made>;
  gone: ReadonlySet<string>;
}

/** `nameOf` a process, if it is known. */
export function lineageGraph({ nodes, edges }: Lineage, nameOf: (process: string) => string | undefined): LineageGraph {
  const byId = new Map<string, FlowNode>();
  const made = new Map<string, Made>();
  const maker = new Map<string, string>();
  const pairs: [string, string][] = [];
  for (const { id, kind, name, process, version } of nodes) {
    byId.set(id, { id, kind, name });
    if (!process) continue;
    const run = `${process}/${version ?? 1}`;
    maker.set(id, run);
    made.set(run, { process, version: version ?? 1 });
    const shown = nameOf(process) ?? "A process";
    byId.set(run, { id: run, kind: "process", name: (version ?? 1) > 1 ? `${shown} v${version}` : shown });
    pairs.push([run, id]);
  }
  for (const { from, to } of edges) pairs.push([from, maker.get(to) ?? to]);
  return { graph: assemble(byId, pairs), made, gone: new Set(nodes.flatMap(({ id, gone }) => (gone ? [id] : []))) };
}
