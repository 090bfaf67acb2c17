import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { CircleStop, RotateCcw } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useMay } from "@/features/identity/account";
import { api, body } from "@/shared/api/client";
import type { ProcessView, Project, VersionView } from "@/shared/api/types";
import { credits, duration, mebibytes, moment, plural } from "@/shared/lib/format";
import { Button, buttonClass } from "@/shared/ui/button";
import { Failure } from "@/shared/ui/failure";
import { inputClass } from "@/shared/ui/field";
import { Page } from "@/shared/ui/page";
import { Skeleton } from "@/shared/ui/skeleton";
import { ended, ProgressBar, StateBadge, stateWord } from "@/shared/ui/state";
import { toast } from "@/shared/ui/toast";
import { Outputs } from "./outputs";
import { processQuery } from "./queries";
import { Took } from "./took";

const LogView = lazy(() => import("./log-view"));

export const tabs = ["outputs", "log", "parameters"] as const;
export type Tab = (typeof tabs)[number];

interface Props {
  project: Project;
  id: string;
  version: number | undefined;
  tab: Tab | undefined;
}

export function ProcessPage({ project, id, version, tab }: Props) {
  const process = useQuery(processQuery(id));
  if (process.isError) {
    return (
      <Page title="Process">
        <Failure error={process.error} retry={() => void process.refetch()} />
      </Page>
    );
  }
  if (process.isPending) {
    return (
      <Page title="Process" heading={<Skeleton className="h-8 w-64" />}>
        <Skeleton className="h-16 w-full" />
        <Skeleton className="h-[34rem] w-full" />
      </Page>
    );
  }
  const shown = process.data.versions.find((one) => one.version === version) ?? process.data.versions.at(-1);
  if (!shown) return null;
  return (
    <Page title={process.data.name} actions={<Actions project={project} process={process.data} version={shown} />}>
      <Summary process={process.data} version={shown} project={project.name} />
      {/* The key: another version begins with the tab that suits it. */}
      <Tabs key={shown.version} project={project} process={process.data} version={shown} tab={tab} />
    </Page>
  );
}

function Actions({ project, process, version }: { project: Project; process: ProcessView; version: VersionView }) {
  const may = useMay(project.id);
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () =>
      body(
        api.POST("/api/processes/{id}/versions/{version}/cancel", {
          params: { path: { id: process.id, version: version.version } },
        }),
      ),
    onError: (error) => toast.error(error, "It was not cancelled"),
    onSettled: () => client.invalidateQueries({ queryKey: ["process", process.id] }),
  });
  const cancellable = !ended(version.state) && !version.stopping && may("processes.cancel");
  return (
    <>
      {cancellable && (
        <Button look="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>
          <CircleStop aria-hidden className="size-4" />
          Cancel
        </Button>
      )}
      {may("processes.run") && !project.archived && (
        <Link
          className={buttonClass()}
          to="/projects/$project/new"
          params={{ project: project.name }}
          search={{ from: process.id, version: version.version }}
        >
          <RotateCcw aria-hidden className="size-4" />
          New version…
        </Link>
      )}
    </>
  );
}

function Summary({ process, version, project }: { process: ProcessView; version: VersionView; project: string }) {
  const navigate = useNavigate();
  return (
    <div className="space-y-2" aria-live="polite">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        {process.versions.length > 1 ? (
          <select
            aria-label="Version"
            className={`${inputClass} w-auto!`}
            value={version.version}
            onChange={(event) =>
              void navigate({
                to: "/projects/$project/processes/$process",
                params: { project, process: process.id },
                search: { version: Number(event.target.value) },
              })
            }
          >
            {process.versions.toReversed().map((one) => (
              <option key={one.version} value={one.version}>
                Version {one.version}: {stateWord(one.state)}
              </option>
            ))}
          </select>
        ) : (
          <span className="text-muted">Version 1</span>
        )}
        <StateBadge state={version.state} stopping={version.stopping} />
        <span className="text-sm text-muted">
          {process.environment}/{process.type}
        </span>
        {version.started_at && (
          <span className="text-sm text-muted tabular-nums">
            {ended(version.state) ? "took " : "for "}
            <Took version={version} />
          </span>
        )}
        {ended(version.state) && (
          <span className="text-sm text-muted tabular-nums">cost {credits(version.cost)} credits</span>
        )}
      </div>
      {version.state === "queued" && (
        <p className="text-sm text-muted">
          {version.reason ?? "It waits for its turn"}
          {version.queue_position ? `; place ${version.queue_position} in the queue` : ""}.
        </p>
      )}
      {ended(version.state) && version.state !== "completed" && version.reason && (
        <p
          className={`rounded-md px-3 py-2 text-sm ${version.state === "failed" ? "bg-danger-soft text-danger" : "bg-warn-soft text-warn"}`}
        >
          {version.reason}
        </p>
      )}
      {version.reused_from && (
        <p className="text-sm text-muted">
          The result of {version.reused_from} was taken over: equal parameters and data give an equal result.
        </p>
      )}
      {!ended(version.state) && version.progress && (
        <div className="max-w-md">
          <p className="text-sm">{version.progress.message}</p>
          <ProgressBar fraction={version.progress.fraction} label="Progress" />
        </div>
      )}
    </div>
  );
}

function Tabs(props: { project: Project; process: ProcessView; version: VersionView; tab: Tab | undefined }) {
  const { project, process, version, tab } = props;
  // Decided once: what is on screen does not change by itself when the run ends.
  const [first] = useState<Tab>(() =>
    version.state === "completed" && version.outputs.length > 0 ? "outputs" : "log",
  );
  const now = tab ?? first;
  const words: Record<Tab, string> = {
    outputs: `Outputs (${version.outputs.length})`,
    log: "Log",
    parameters: "Parameters",
  };
  return (
    <div className="space-y-4">
      <nav aria-label="Parts of the process" className="flex gap-1 border-b border-line">
        {tabs.map((one) => (
          <Link
            key={one}
            to="/projects/$project/processes/$process"
            params={{ project: project.name, process: process.id }}
            search={{ version: version.version, tab: one }}
            replace
            aria-current={one === now ? "page" : undefined}
            className="-mb-px border-b-2 border-transparent px-3 py-2 text-sm hover:bg-hover aria-[current]:border-accent aria-[current]:font-semibold"
          >
            {words[one]}
          </Link>
        ))}
      </nav>
      {now === "log" && version.state === "completed" && version.outputs.length > 0 && (
        <p className="rounded-md bg-completed-soft px-3 py-2 text-sm text-completed">
          It wrote {plural(version.outputs.length, "output")}.{" "}
          <Link
            className="font-medium underline"
            to="/projects/$project/processes/$process"
            params={{ project: project.name, process: process.id }}
            search={{ version: version.version, tab: "outputs" }}
            replace
          >
            See the outputs
          </Link>
        </p>
      )}
      {now === "log" && (
        <Suspense fallback={<Skeleton className="h-[31rem] w-full" />}>
          <LogView version={version} />
        </Suspense>
      )}
      {now === "outputs" && <Outputs version={version} project={project.name} />}
      {now === "parameters" && <Snapshot version={version} project={project.name} />}
    </div>
  );
}

function Snapshot({ version, project }: { version: VersionView; project: string }) {
  const parameters = Object.entries((version.parameters ?? {}) as Record<string, unknown>);
  const inputs = new Map(version.inputs.map((input) => [input.reference, input]));
  const { resources } = version;
  const facts: [string, string][] = [
    ["Processors", String(resources.cpu_millis / 1000)],
    ["Memory", mebibytes(resources.memory_mb)],
    ["Disk", mebibytes(resources.storage_mb)],
    ["GPUs", String(resources.gpu)],
    ["Time limit", duration(resources.deadline_s * 1000)],
    ["Set aside", `${credits(version.held)} credits`],
    ["Type's version", version.type_version],
    ["Made", `${moment(version.created_at)} by ${version.created_by}`],
  ];
  return (
    <div className="grid gap-5 lg:grid-cols-2">
      <section aria-labelledby="parameters">
        <h2 id="parameters" className="mb-2">
          Parameters
        </h2>
        {parameters.length === 0 && <p className="text-muted">It has none.</p>}
        <dl className="card px-4 py-2 text-sm empty:hidden">
          {parameters.map(([name, value]) => {
            const input = typeof value === "string" ? inputs.get(value) : undefined;
            return (
              <div key={name} className="grid grid-cols-[10rem_1fr] gap-2 py-1">
                <dt className="text-muted wrap-anywhere">{name}</dt>
                <dd className="min-w-0 wrap-anywhere">
                  {input ? (
                    <Link className="link" to="/projects/$project/data/$data" params={{ project, data: input.id }}>
                      {input.name}
                    </Link>
                  ) : value === null ? (
                    <span className="text-muted">empty</span>
                  ) : typeof value === "string" ? (
                    value
                  ) : (
                    JSON.stringify(value)
                  )}
                </dd>
              </div>
            );
          })}
        </dl>
      </section>
      <section aria-labelledby="resources">
        <h2 id="resources" className="mb-2">
          Resources
        </h2>
        <dl className="card px-4 py-2 text-sm">
          {facts.map(([name, value]) => (
            <div key={name} className="grid grid-cols-[10rem_1fr] gap-2 py-1">
              <dt className="text-muted">{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  );
}
