import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useMay } from "@/features/identity/account";
import { kindOf, lineageQuery } from "@/features/storage/queries";
import type { Project } from "@/shared/api/types";
import { Skeleton } from "@/shared/ui/skeleton";
import { around, lineage, part } from "../graph";
import { graphQuery } from "../queries";
import { useStructure } from "../use-structure";
import { lineageGraph } from "./lineage-graph";
import { MiniGraph } from "./mini-graph";

/** More is no small graph any more. */
const MOST = 60;
const STEPS = 12;

/** What an upload or a dataset was made from and into, drawn. */
export function DataLineage({ project, id }: { project: Project; id: string }) {
  return (
    <section aria-label="Lineage" className="space-y-2">
      <h2>Made from and into</h2>
      {kindOf(id) === "uploads" ? (
        <UploadLineage project={project} id={id} />
      ) : (
        <DatasetLineage project={project} id={id} />
      )}
    </section>
  );
}

const waiting = <Skeleton className="h-40 w-full" />;

function useGraphView(project: Project) {
  const may = useMay(project.id);
  return useQuery({ ...graphQuery(project.name), enabled: may("processes.view") });
}

/** From the lineage of the data itself, which also knows what older versions wrote. */
function DatasetLineage({ project, id }: { project: Project; id: string }) {
  const found = useQuery(lineageQuery(id));
  const view = useGraphView(project).data;
  const names = useMemo(() => new Map(view?.nodes.map(({ process, name }) => [process, name])), [view]);
  const drawn = useMemo(() => {
    if (!found.data) return undefined;
    const all = lineageGraph(found.data, (process) => names.get(process));
    return { ...all, graph: around(all.graph, [id], STEPS, MOST), of: all.graph.nodes.length };
  }, [found.data, names, id]);
  if (found.isError) return <p className="text-muted">It can't be drawn: {found.error.message}.</p>;
  if (!drawn) return waiting;
  return (
    <>
      <MiniGraph
        project={project.name}
        label="What it was made from and into"
        graph={drawn.graph}
        mark={id}
        about={(node) => ({ ...drawn.made.get(node.id), gone: drawn.gone.has(node.id) })}
      />
      <More shown={drawn.graph.nodes.length} of={drawn.of} />
    </>
  );
}

/** From the graph of the project: an upload has no lineage of its own. */
function UploadLineage({ project, id }: { project: Project; id: string }) {
  const view = useGraphView(project);
  const full = useStructure(view.data);
  const graph = useMemo(() => full && part(full, lineage(full, id)), [full, id]);
  const near = useMemo(() => graph && around(graph, [id], STEPS, MOST), [graph, id]);
  if (view.isPending && view.isFetching) return waiting;
  if (!near || near.nodes.length === 0) {
    return <p className="text-sm text-muted">No process has read it yet.</p>;
  }
  return (
    <>
      <MiniGraph
        project={project.name}
        label="What was made from it"
        graph={near}
        mark={id}
        about={({ at }) => {
          const work = at === undefined ? undefined : view.data?.nodes[at];
          return work ? { work } : {};
        }}
      />
      <More shown={near.nodes.length} of={graph?.nodes.length ?? 0} />
    </>
  );
}

function More({ shown, of }: { shown: number; of: number }) {
  return (
    shown < of && (
      <p className="text-sm text-muted">
        The nearest {shown} of {of} are drawn.
      </p>
    )
  );
}
