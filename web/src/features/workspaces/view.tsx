import { useQuery } from "@tanstack/react-query";
import { Boxes } from "lucide-react";
import type { Project, Workspace } from "@/shared/api/types";
import { Failure } from "@/shared/ui/failure";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { Launcher } from "./launcher";
import { WorkspaceList } from "./list";
import { servicesQuery, workspacesQuery } from "./queries";

interface Props {
  project: Project;
  onOpened: (workspace: Workspace) => void;
  onPane: (workspace: Workspace) => void;
}

/** One's workspaces, and below what else can be opened: the same in the page and in the panel. */
export function WorkspacesView({ project, onOpened, onPane }: Props) {
  const workspaces = useQuery(workspacesQuery(project.name));
  const services = useQuery(servicesQuery);
  const items = workspaces.data?.items ?? [];
  return (
    <div className="@container space-y-5">
      {workspaces.isError ? (
        <Failure error={workspaces.error} retry={() => void workspaces.refetch()} />
      ) : workspaces.isPending ? (
        <SkeletonRows rows={2} className="h-16" />
      ) : items.length === 0 ? (
        <div className="card flex flex-wrap items-center gap-4 px-5 py-4">
          <Boxes aria-hidden className="size-8 shrink-0 text-muted" />
          <div className="min-w-56 flex-1">
            <h2>No workspaces yet</h2>
            <p className="text-muted">
              A workspace is a lab or an IDE that runs on this server, with files of its own that stay when it stops.
              Open one below.
            </p>
          </div>
        </div>
      ) : (
        <WorkspaceList project={project} workspaces={items} services={services.data?.items ?? []} onPane={onPane} />
      )}
      <section aria-label="Open a workspace" className="space-y-3">
        <h2>Open a workspace</h2>
        <Launcher project={project} workspaces={items} onOpened={onOpened} />
      </section>
    </div>
  );
}
