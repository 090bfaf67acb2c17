// The panel: the graph of a project's processes and the data between them.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ReactFlowProvider } from "@xyflow/react";
import { Lock, Play, Waypoints } from "lucide-react";
import { useMay } from "@/features/identity/account";
import { Problem } from "@/shared/api/problem";
import type { PanelProps } from "@/shared/panels/panel";
import { buttonClass } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { Skeleton } from "@/shared/ui/skeleton";
import { FlowCanvas } from "./canvas";
import { graphQuery } from "./queries";
import "@xyflow/react/dist/base.css";
import "./flow.css";

export default function FlowView(props: PanelProps) {
  const { project } = props;
  const may = useMay(project.id);
  const allowed = may("processes.view");
  const view = useQuery({ ...graphQuery(project.name), enabled: allowed });
  const forbidden = !allowed || (view.error instanceof Problem && [403, 404].includes(view.error.status));
  if (forbidden) {
    return (
      <Notice>
        <Empty icon={Lock} title="Not for you to see">
          You may not look at this project's processes. Ask one of its managers for the right to.
        </Empty>
      </Notice>
    );
  }
  if (view.data && view.data.nodes.length > 0) {
    return (
      <ReactFlowProvider>
        <FlowCanvas {...props} view={view.data} />
      </ReactFlowProvider>
    );
  }
  if (view.isError) {
    return (
      <Notice>
        <Failure error={view.error} retry={() => void view.refetch()} />
      </Notice>
    );
  }
  if (view.isPending) return <Loading />;
  return (
    <Notice>
      <Empty
        icon={Waypoints}
        title="No processes yet"
        action={
          may("processes.run") &&
          !project.archived && (
            <Link className={buttonClass("primary")} to="/projects/$project/new" params={{ project: project.name }}>
              <Play aria-hidden className="size-4" />
              New process
            </Link>
          )
        }
      >
        Here you will see your processes and how data flows between them.
      </Empty>
    </Notice>
  );
}

function Notice({ children }: { children: React.ReactNode }) {
  return <div className="h-full min-h-0 overflow-auto p-4">{children}</div>;
}

export function Loading() {
  return (
    <div role="status" className="flex h-full min-h-0 flex-col gap-4 p-4">
      <span className="sr-only">Loading…</span>
      <Skeleton className="h-9 w-full shrink-0" />
      <div className="flex items-center gap-16">
        <Skeleton className="h-9 w-44 rounded-full" />
        <Skeleton className="h-16 w-56" />
        <Skeleton className="h-9 w-44 rounded-full" />
      </div>
    </div>
  );
}
