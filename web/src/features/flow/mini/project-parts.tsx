// Parts of a project's graph for the pages of the project and of a process.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useMay } from "@/features/identity/account";
import type { Project } from "@/shared/api/types";
import { around, build, type FlowNode, type GraphView, sameStructure } from "../graph";
import { graphQuery } from "../queries";
import { useStable, useStructure } from "../use-structure";
import { MiniGraph, type MiniNode } from "./mini-graph";

const aboutIn =
  (view: GraphView) =>
  ({ at }: FlowNode): MiniNode => {
    const work = at === undefined ? undefined : view.nodes[at];
    return work ? { work } : {};
  };

function useView(project: Project): GraphView | undefined {
  const may = useMay(project.id);
  return useQuery({ ...graphQuery(project.name), enabled: may("processes.view") }).data;
}

/** About so many nodes are shown of a project. */
const NODES = 30;

/** The newest processes whose nodes together are few enough. */
export function newest(view: GraphView, most: number): GraphView {
  let count = 0;
  const nodes = view.nodes.filter(({ inputs, outputs }, at) => {
    count += 1 + inputs.length + outputs.length;
    return at === 0 || count <= most;
  });
  return { nodes, truncated: nodes.length < view.nodes.length };
}

/** The newest of a project's processes and their data, to look at; nothing while there are none. */
export function FlowPreview({ project }: { project: Project }) {
  const view = useView(project);
  const shown = useMemo(() => view && newest(view, NODES), [view]);
  const kept = useStable(shown, (a, b) => a !== undefined && b !== undefined && sameStructure(a, b));
  const graph = useMemo(() => kept && build(kept), [kept]);
  if (!shown || !graph || shown.nodes.length === 0) return null;
  return (
    <section aria-labelledby="flow-preview" className="space-y-3">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <h2 id="flow-preview">Flow</h2>
        <Link className="link text-sm" to="/projects/$project/flow" params={{ project: project.name }}>
          {shown.truncated ? "The whole flow" : "Open the flow"}
        </Link>
      </div>
      <MiniGraph
        project={project.name}
        label="The newest processes and their data"
        graph={graph}
        about={aboutIn(shown)}
      />
    </section>
  );
}

/** A process with what it reads and writes, who wrote that and who reads it. */
export function ProcessNeighbours({ project, process }: { project: Project; process: string }) {
  const view = useView(project);
  const full = useStructure(view);
  const graph = useMemo(() => full && around(full, [process], 2, NODES), [full, process]);
  if (!view || !graph || graph.edges.length === 0) return null;
  return (
    <section aria-labelledby="neighbours" className="space-y-3">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <h2 id="neighbours">In the flow</h2>
        <Link
          className="link text-sm"
          to="/projects/$project/flow"
          params={{ project: project.name }}
          search={{ process }}
        >
          Show it in the whole flow
        </Link>
      </div>
      <MiniGraph
        project={project.name}
        label="The process and its neighbours"
        graph={graph}
        mark={process}
        about={aboutIn(view)}
      />
    </section>
  );
}
