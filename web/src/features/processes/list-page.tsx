import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Play, Workflow } from "lucide-react";
import { useMay } from "@/features/identity/account";
import type { ProcessView, Project } from "@/shared/api/types";
import { ago, credits, moment } from "@/shared/lib/format";
import { Button, buttonClass } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { inputClass } from "@/shared/ui/field";
import { Page } from "@/shared/ui/page";
import { SkeletonRows } from "@/shared/ui/skeleton";
import { ended, isState, ProgressBar, StateBadge, states, stateWord } from "@/shared/ui/state";
import { fullName } from "./editor/types";
import { type ProcessFilter, processesQuery, typesQuery } from "./queries";
import { useLeaving } from "./removal";
import { Took } from "./took";

export interface ListSearch extends ProcessFilter {
  /** Words that the names have. */
  q?: string | undefined;
}

export function ProcessListPage({ project, search = {} }: { project: Project; search?: ListSearch }) {
  const may = useMay(project.id);
  const list = useInfiniteQuery(processesQuery(project.name, search));
  const loaded = list.data?.pages.flatMap((page) => page.items) ?? [];
  const words = (search.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const processes = loaded.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  const narrowed = Boolean(search.state || search.type || words.length > 0);
  const start = may("processes.run") && !project.archived && (
    <Link className={buttonClass("primary")} to="/projects/$project/new" params={{ project: project.name }}>
      <Play aria-hidden className="size-4" />
      New process
    </Link>
  );
  return (
    <Page title="Processes" actions={(loaded.length > 0 || narrowed) && start}>
      {(loaded.length > 0 || narrowed) && <Filters project={project} search={search} />}
      {list.isPending ? (
        <SkeletonRows rows={6} className="h-14" />
      ) : list.isError ? (
        <Failure error={list.error} retry={() => void list.refetch()} />
      ) : processes.length > 0 ? (
        <ProcessTable processes={processes} project={project.name} />
      ) : narrowed ? (
        <p role="status" className="text-muted">
          {words.length > 0 && list.hasNextPage
            ? `None of the newest ${loaded.length} has these words.`
            : "No process is like this."}{" "}
          <Link className="link" to="/projects/$project/processes" params={{ project: project.name }}>
            Show all
          </Link>
        </p>
      ) : (
        <Empty icon={Workflow} title="No processes yet" action={start}>
          A process is a named piece of work on your data. Each run keeps its parameters, its log and its results.
        </Empty>
      )}
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show older
        </Button>
      )}
    </Page>
  );
}

/** What is chosen stands in the address. */
function Filters({ project, search }: { project: Project; search: ListSearch }) {
  const types = useQuery(typesQuery);
  const navigate = useNavigate();
  const set = (change: ListSearch) =>
    void navigate({
      to: "/projects/$project/processes",
      params: { project: project.name },
      search: { ...search, ...change },
      replace: true,
    });
  return (
    <search className="flex flex-wrap gap-2">
      <input
        type="search"
        aria-label="Search by name"
        placeholder="Search by name…"
        className={`${inputClass} max-w-64`}
        value={search.q ?? ""}
        onChange={({ target }) => set({ q: target.value || undefined })}
      />
      <select
        aria-label="State"
        className={`${inputClass} w-auto!`}
        value={search.state ?? ""}
        onChange={({ target }) => set({ state: isState(target.value) ? target.value : undefined })}
      >
        <option value="">All states</option>
        {states.map((state) => (
          <option key={state} value={state}>
            {stateWord(state)}
          </option>
        ))}
      </select>
      <select
        aria-label="Type"
        className={`${inputClass} w-auto!`}
        value={search.type ?? ""}
        onChange={({ target }) => set({ type: target.value || undefined })}
      >
        <option value="">All types</option>
        {types.data?.map((type) => (
          <option key={fullName(type)} value={fullName(type)}>
            {type.title}
          </option>
        ))}
      </select>
    </search>
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
