// What an event does to the graph in the cache. Most events say all that the graph shows, so that thousands of nodes
// are not loaded again for one that moved on.

import type { QueryClient, QueryKey } from "@tanstack/react-query";
import type { Event, State } from "@/shared/api/types";
import type { GraphOutput, GraphProcess, GraphView } from "./graph";

interface Details {
  process?: string;
  version?: number;
  state?: State;
  fraction?: number;
  message?: string;
  outputs?: GraphOutput[];
}

/** A process after an event about its newest version; undefined when the event does not say enough. */
function changed(process: GraphProcess, type: string, data: Details): GraphProcess | undefined {
  if (type === "process.progress") {
    return { ...process, progress: { fraction: data.fraction ?? 0, message: data.message ?? "" } };
  }
  if (type === "process.stopping") return { ...process, stopping: true };
  if (!data.state) return undefined;
  const outputs = data.outputs?.map(({ id, name, media_type }) => ({ id, name, media_type }));
  return {
    ...process,
    state: data.state,
    // An end without outputs leaves the list as it is, so that nothing is laid out anew.
    outputs: outputs && outputs.length > 0 ? outputs : process.outputs,
  };
}

/** The graph after an event; undefined when it must be loaded again. */
export function graphAfter(view: GraphView, type: string, data: Details): GraphView | undefined {
  if (type === "process.deleted") {
    return { ...view, nodes: view.nodes.filter(({ process }) => process !== data.process) };
  }
  const at = view.nodes.findIndex(({ process }) => process === data.process);
  const process = view.nodes[at];
  if (!process || (data.version ?? 0) > process.version) return undefined;
  if (data.version !== process.version) return view;
  const after = changed(process, type, data);
  return after && { ...view, nodes: view.nodes.with(at, after) };
}

/** Changes the cache by an event of `project` (its name) and answers what must be loaded again. */
export function feedGraph(client: QueryClient, project: string, event: Event): QueryKey[] {
  const key = ["graph", project];
  const noun = event.type.split(".")[0];
  // A dataset is told again with the end of its process; uploads are drawn only where a process reads them.
  if (noun !== "process") return event.type === "dataset.deleted" ? [key] : [];
  const view = client.getQueryData<GraphView>(key);
  if (!view) return [];
  const after = graphAfter(view, event.type, event.data as Details);
  if (!after) return [key];
  if (after !== view) client.setQueryData(key, after);
  return [];
}
