import type { State } from "@/shared/api/types";
import type { FlowGraph, GraphView } from "./graph";

/** Nodes that the filter leaves out: processes by their state, data when all around them is left out. */
export function leftOut(graph: FlowGraph, view: GraphView, states: readonly State[]): ReadonlySet<string> {
  const hidden = new Set<string>();
  if (states.length === 0) return hidden;
  for (const { id, at } of graph.nodes) {
    const process = at === undefined ? undefined : view.nodes[at];
    if (process && !states.includes(process.state)) hidden.add(id);
  }
  for (const { id, kind } of graph.nodes) {
    if (kind === "process") continue;
    const around = [...(graph.before.get(id) ?? []), ...(graph.after.get(id) ?? [])];
    if (around.every((other) => hidden.has(other))) hidden.add(id);
  }
  return hidden;
}
