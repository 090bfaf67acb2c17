// What one feature shows on the pages of an earlier one, which can't know it.

import { Link } from "@tanstack/react-router";
import { Map as MapIcon } from "lucide-react";
import { lazy, Suspense } from "react";
import { hasPlaces } from "@/features/maps/places";
import type { DataSlots } from "@/features/storage/slots";
import type { Project } from "@/shared/api/types";
import { buttonClass } from "@/shared/ui/button";
import { Skeleton } from "@/shared/ui/skeleton";

const DataLineage = lazy(() => import("@/features/flow/mini/data-lineage").then((m) => ({ default: m.DataLineage })));
const Neighbours = lazy(() =>
  import("@/features/flow/mini/project-parts").then((module) => ({ default: module.ProcessNeighbours })),
);
const Preview = lazy(() =>
  import("@/features/flow/mini/project-parts").then((module) => ({ default: module.FlowPreview })),
);

export const dataSlots: DataSlots = {
  actions: (project, item) =>
    hasPlaces(item) && (
      <Link
        className={buttonClass()}
        to="/projects/$project/figures/$figure"
        params={{ project: project.name, figure: "new" }}
        search={{ kind: "map", data: item.id }}
      >
        <MapIcon aria-hidden className="size-4" />
        Show on map
      </Link>
    ),
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
