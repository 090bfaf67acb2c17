// What one feature shows on the pages of an earlier one, which can't know it.

import { lazy, Suspense } from "react";
import type { DataSlots } from "@/features/storage/slots";
import type { Project } from "@/shared/api/types";
import { Skeleton } from "@/shared/ui/skeleton";

const DataLineage = lazy(() => import("@/features/flow/mini/data-lineage").then((m) => ({ default: m.DataLineage })));
const Neighbours = lazy(() =>
  import("@/features/flow/mini/project-parts").then((module) => ({ default: module.ProcessNeighbours })),
);
const Preview = lazy(() =>
  import("@/features/flow/mini/project-parts").then((module) => ({ default: module.FlowPreview })),
);

export const dataSlots: DataSlots = {
  lineage: (project, item) => (
    <Suspense fallback={<Skeleton className="h-40 w-full" />}>
      <DataLineage project={project} id={item.id} />
    </Suspense>
  ),
};

/** For the page of a process. */
export function ProcessNeighbours(props: { project: Project; process: string }) {
  return (
    <Suspense>
      <Neighbours {...props} />
    </Suspense>
  );
}

/** For the home page. */
export function FlowPreview(props: { project: Project }) {
  return (
    <Suspense>
      <Preview {...props} />
    </Suspense>
  );
}
