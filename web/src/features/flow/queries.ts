import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import type { ProcessView } from "@/shared/api/types";
import type { GraphProcess, GraphView } from "./graph";

/** More processes than these are not drawn. */
export const MOST = 5000;

function fromView({ versions, ...process }: ProcessView): GraphProcess {
  const newest = versions.at(-1);
  return {
    process: process.id,
    name: process.name,
    type: process.type,
    environment: process.environment,
    version: process.version,
    state: process.state,
    stopping: newest?.stopping ?? false,
    progress: newest?.progress ?? null,
    created_at: process.created_at,
    inputs: (newest?.inputs ?? []).map(({ id, name, process: maker }) => ({
      id,
      name,
      kind: id.startsWith("up_") ? "upload" : "dataset",
      process: maker ?? null,
    })),
    outputs: process.outputs.map(({ id, name, media_type }) => ({ id, name, media_type })),
  };
}

async function load(project: string): Promise<GraphView> {
  const nodes: GraphProcess[] = [];
  let after: string | undefined;
  do {
    const page = await body(api.GET("/api/processes", { params: { query: { project, limit: 500, after } } }));
    nodes.push(...page.items.map(fromView));
    after = page.next ?? undefined;
  } while (after !== undefined && nodes.length < MOST);
  nodes.sort((a, b) => b.created_at.localeCompare(a.created_at));
  return { nodes, truncated: after !== undefined };
}

/** The newest version of every process with what it reads and writes, by the project's name. */
export const graphQuery = (project: string) =>
  queryOptions({ queryKey: ["graph", project], queryFn: () => load(project) });
