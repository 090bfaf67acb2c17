import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Columns2, RotateCcw } from "lucide-react";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { useMay } from "@/features/identity/account";
import { useActions } from "@/shared/actions/actions";
import type { ProcessView, Project, VersionView } from "@/shared/api/types";
import { plural } from "@/shared/lib/format";
import type { Settings } from "@/shared/panels/panel";
import { buttonClass } from "@/shared/ui/button";
import { Failure } from "@/shared/ui/failure";
import { Page } from "@/shared/ui/page";
import { Skeleton } from "@/shared/ui/skeleton";
import { Compare, counterpart } from "./compare";
import { CancelButton, Summary, useCancel } from "./head";
import { versionLog } from "./log/version-log";
import { Outputs } from "./outputs";
import { processQuery } from "./queries";
import { DeleteButton } from "./removal";
import { Snapshot } from "./snapshot";

const LogView = lazy(() => import("./log/log-view"));

export const tabs = ["outputs", "log", "parameters", "compare"] as const;
export type Tab = (typeof tabs)[number];

interface Props {
  project: Project;
  id: string;
  version: number | undefined;
  tab: Tab | undefined;
  /** Compare with this version. */
  compare?: number | undefined;
  /** A line of the log. */
  line?: number | undefined;
  /** What other features add below. */
  after?: ReactNode;
}

export function ProcessPage({ project, id, version, tab, compare, line, after }: Props) {
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
  const found = { project, tab, compare, line, after };
  return <Found {...found} process={process.data} version={shown} />;
}

type FoundProps = Omit<Props, "id" | "version"> & { process: ProcessView; version: VersionView };

function Found({ project, process, version, tab, compare, line, after }: FoundProps) {
  const navigate = useNavigate();
  const go = (search: { version?: number; compare?: number }) =>
    void navigate({
      to: "/projects/$project/processes/$process",
      params: { project: project.name, process: process.id },
      search,
    });
  return (
    <Page title={process.name} actions={<Actions project={project} process={process} version={version} />}>
      <Summary process={process} version={version} onVersion={(version) => go({ version })} />
      {/* The key: another version begins with the tab that suits it. */}
      <Tabs
        key={version.version}
        project={project}
        process={process}
        version={version}
        tab={compare === undefined ? tab : (tab ?? "compare")}
        compare={compare}
        line={line}
        onCompare={(compare, version) => go({ version, compare })}
      />
      {after}
    </Page>
  );
}

function Actions({ project, process, version }: { project: Project; process: ProcessView; version: VersionView }) {
  const may = useMay(project.id);
  const navigate = useNavigate();
  const cancel = useCancel(project, version);
  const other = counterpart(process, version.version);
  const again = may("processes.run") && !project.archived;
  const params = { project: project.name, process: process.id };
  useActions(
    // biome-ignore lint/correctness/useExhaustiveDependencies: named by what they depend on
    useMemo(
      () => [
        {
          id: "process.cancel",
          title: `Cancel ${process.name}`,
          section: "Process",
          disabled: !cancel.possible,
          run: cancel.run,
        },
        {
          id: "process.again",
          title: "New version of this process…",
          section: "Process",
          icon: RotateCcw,
          disabled: !again,
          run: () =>
            void navigate({
              to: "/projects/$project/new",
              params: { project: project.name },
              search: { from: process.id, version: version.version },
            }),
        },
        {
          id: "process.compare",
          title: "Compare versions",
          section: "Process",
          icon: Columns2,
          disabled: other === undefined,
          run: () =>
            void navigate({
              to: "/projects/$project/processes/$process",
              params,
              search: { version: version.version, compare: other },
            }),
        },
      ],
      [process.id, process.name, project.name, version.version, cancel.possible, again, other, navigate],
    ),
  );
  return (
    <>
      <CancelButton project={project} version={version} />
      <DeleteButton
        project={project}
        process={process}
        onGone={() => void navigate({ to: "/projects/$project/processes", params: { project: project.name } })}
      />
      {again && (
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

interface TabsProps {
  project: Project;
  process: ProcessView;
  version: VersionView;
  tab: Tab | undefined;
  compare: number | undefined;
  line: number | undefined;
  onCompare: (compare: number, version: number) => void;
}

function Tabs({ project, process, version, tab, compare, line, onCompare }: TabsProps) {
  // Decided once: what is on screen does not change by itself when the run ends.
  const [first] = useState<Tab>(() =>
    line === undefined && version.state === "completed" && version.outputs.length > 0 ? "outputs" : "log",
  );
  const navigate = useNavigate();
  const [look, setLook] = useState<Settings>({});
  const log = useMemo(() => versionLog(project.name, version), [project.name, version]);
  const other = compare ?? counterpart(process, version.version);
  const now = tab ?? first;
  const words: Record<Tab, string> = {
    outputs: `Outputs (${version.outputs.length})`,
    log: "Log",
    parameters: "Parameters",
    compare: "Compare",
  };
  return (
    <div className="@container space-y-4">
      <nav aria-label="Parts of the process" className="flex gap-1 overflow-x-auto border-b border-line">
        {tabs
          .filter((one) => one !== "compare" || other !== undefined)
          .map((one) => (
            <Link
              key={one}
              to="/projects/$project/processes/$process"
              params={{ project: project.name, process: process.id }}
              search={{ version: version.version, tab: one, ...(one === "compare" && { compare: other }) }}
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
        <Suspense fallback={<Skeleton className="h-[36rem] w-full" />}>
          <div className="h-[36rem] max-h-[75vh]">
            <LogView
              log={log}
              line={line}
              settings={look}
              onSettings={setLook}
              onLine={(line) =>
                void navigate({
                  to: "/projects/$project/processes/$process",
                  params: { project: project.name, process: process.id },
                  search: { version: version.version, tab: "log", line },
                  replace: true,
                  resetScroll: false,
                })
              }
            />
          </div>
        </Suspense>
      )}
      {now === "outputs" && <Outputs version={version} project={project.name} />}
      {now === "parameters" && <Snapshot version={version} project={project.name} />}
      {now === "compare" && other !== undefined && (
        <Compare process={process} project={project.name} a={other} b={version.version} onChange={onCompare} />
      )}
    </div>
  );
}
