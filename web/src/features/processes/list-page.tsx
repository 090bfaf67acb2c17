import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Play, Workflow } from "lucide-react";
import { useMay } from "@/features/identity/account";
import type { ProcessView, Project } from "@/shared/api/types";
import { ago, credits, moment } from "@/shared/lib/format";
import { Button, buttonClass } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { Page } from "@/shared/ui/page";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { ended, ProgressBar, StateBadge } from "@/shared/ui/state";
import { processesQuery } from "./queries";
import { useLeaving } from "./removal";
import { Took } from "./took";

export function ProcessListPage({ project }: { project: Project }) {
  const may = useMay(project.id);
  const list = useInfiniteQuery(processesQuery(project.name));
  const processes = list.data?.pages.flatMap((page) => page.items) ?? [];
  const start = may("processes.run") && !project.archived && (
    <Link className={buttonClass("primary")} to="/projects/$project/new" params={{ project: project.name }}>
      <Play aria-hidden className="size-4" />
      New process
    </Link>
  );
  return (
    <Page title="Processes" actions={processes.length > 0 && start}>
      {list.isPending ? (
        <SkeletonRows rows={6} className="h-14" />
      ) : list.isError ? (
        <Failure error={list.error} retry={() => void list.refetch()} />
      ) : processes.length === 0 ? (
        <Empty icon={Workflow} title="No processes yet" action={start}>
          A process is a named piece of work on your data. Each run keeps its parameters, its log and its results.
        </Empty>
      ) : (
        <ProcessTable processes={processes} project={project.name} />
      )}
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show older
        </Button>
      )}
    </Page>
  );
}

export function ProcessTable({ processes, project }: { processes: ProcessView[]; project: string }) {
  const leaving = useLeaving();
  return (
    <div className="card overflow-x-auto">
      <table className="grid-table">
        <caption className="sr-only">Processes, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="w-56">
              State
            </th>
            <th scope="col">Type</th>
            <th scope="col">Started</th>
            <th scope="col">Took</th>
            <th scope="col" className="text-right!">
              Credits
            </th>
          </tr>
        </thead>
        <tbody>
          {processes
            .filter(({ id }) => !leaving.has(id))
            .map((process) => (
              <Row key={process.id} process={process} project={project} />
            ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ process, project }: { process: ProcessView; project: string }) {
  const newest = process.versions.at(-1);
  return (
    <tr>
      <td className="min-w-40 wrap-anywhere">
        <Link
          className="link font-medium"
          to="/projects/$project/processes/$process"
          params={{ project, process: process.id }}
        >
          {process.name}
        </Link>
        {process.version > 1 && <span className="ml-2 text-muted">v{process.version}</span>}
      </td>
      <td>
        <StateBadge state={process.state} stopping={newest?.stopping} />
        {newest?.progress && !ended(process.state) && (
          <ProgressBar fraction={newest.progress.fraction} label={`Progress of ${process.name}`} />
        )}
        {process.state === "failed" && process.reason && <p className="mt-1 text-muted">{process.reason}</p>}
      </td>
      <td className="text-muted">{process.type}</td>
      <td className="whitespace-nowrap text-muted" title={moment(process.created_at)}>
        {newest && ago(newest.created_at)}
      </td>
      <td className="whitespace-nowrap text-muted tabular-nums">{newest && <Took version={newest} />}</td>
      <td className="text-right whitespace-nowrap tabular-nums">{credits(process.cost)}</td>
    </tr>
  );
}
