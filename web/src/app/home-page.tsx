import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileUp, FolderKanban, Play } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/features/identity/account";
import { ProcessTable } from "@/features/processes/list-page";
import { environmentsQuery, processesQuery } from "@/features/processes/queries";
import { NewProjectDialog } from "@/features/projects/new-project";
import { uploadsQuery } from "@/features/storage/queries";
import type { Project, ProjectView } from "@/shared/api/types";
import { credits, plural } from "@/shared/lib/format";
import { Button, buttonClass } from "@/shared/ui/button";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { Page } from "@/shared/ui/page";
import { Skeleton, SkeletonRows } from "@/shared/ui/skeleton";
import { FlowPreview } from "./slots";
import { TryThis } from "./try-this";

const NEWEST = 5;

/** Where one begins: the newest work, or the one thing to do first. */
export function HomePage({ project }: { project: ProjectView }) {
  const may = useMay(project.id);
  const processes = useInfiniteQuery(processesQuery(project.name));
  const items = processes.data?.pages.flatMap((page) => page.items) ?? [];
  const runs = may("processes.run") && !project.archived;
  return (
    <Page
      title={project.title}
      actions={
        runs &&
        items.length > 0 && (
          <Link className={buttonClass("primary")} to="/projects/$project/new" params={{ project: project.name }}>
            <Play aria-hidden className="size-4" />
            New process
          </Link>
        )
      }
    >
      <p className="text-muted">
        {project.description && `${project.description} `}
        {credits(project.credit.available)} credits available.
      </p>
      {processes.isPending ? (
        <>
          {runs && <Skeleton className="h-20" />}
          <SkeletonRows rows={NEWEST} className="h-14" />
        </>
      ) : processes.isError ? (
        <Failure error={processes.error} retry={() => void processes.refetch()} />
      ) : items.length === 0 ? (
        <FirstSteps project={project} runs={runs} />
      ) : (
        <>
          {runs && <TryThis project={project} processes={items} />}
          <section className="space-y-3" aria-labelledby="newest">
            <h2 id="newest">Newest processes</h2>
            <ProcessTable processes={items.slice(0, NEWEST)} project={project.name} />
            {items.length > NEWEST && (
              <Link className="link text-sm" to="/projects/$project/processes" params={{ project: project.name }}>
                All processes
              </Link>
            )}
          </section>
          {/* Last, as its size is known when it is laid out. */}
          <FlowPreview project={project} />
        </>
      )}
    </Page>
  );
}

/** One action: run something when there is data, bring data when there is none. */
function FirstSteps({ project, runs }: { project: Project; runs: boolean }) {
  const uploads = useInfiniteQuery(uploadsQuery(project.name));
  const environments = useQuery(environmentsQuery);
  const preparing = environments.data?.find(({ state }) => state === "preparing");
  if (uploads.isPending) return <SkeletonRows rows={1} className="h-56" />;
  const files = uploads.data?.pages[0]?.items.length ?? 0;
  if (files === 0) {
    return (
      <Empty
        icon={FileUp}
        title="Begin with your data"
        action={
          <Link className={buttonClass("primary")} to="/projects/$project/data" params={{ project: project.name }}>
            Upload a file
          </Link>
        }
      >
        Upload a file, then run a process on it. Everything stays together: the data, the parameters, the log, the
        results and what they cost.
      </Empty>
    );
  }
  return (
    <Empty
      icon={Play}
      title="Run your first process"
      action={
        runs && (
          <Link className={buttonClass("primary")} to="/projects/$project/new" params={{ project: project.name }}>
            Choose what to run
          </Link>
        )
      }
    >
      {plural(files, "file")} {files === 1 ? "waits" : "wait"} here to be worked on. Choose what should be done; you see
      the cost before it starts, the log while it runs, and the results as plots.
      {preparing && ` The environment ${preparing.name} is being prepared: ${preparing.message}.`}
    </Empty>
  );
}

/** For somebody who has no project yet. */
export function NoProjectPage() {
  const may = useMay(undefined);
  const [making, setMaking] = useState(false);
  return (
    <Page title="Welcome">
      <Empty
        icon={FolderKanban}
        title="No project yet"
        action={
          may("projects.create") && (
            <Button look="primary" onClick={() => setMaking(true)}>
              Make a project
            </Button>
          )
        }
      >
        A project holds data, processes, people and credit.
        {!may("projects.create") && " Ask somebody who manages one to make you a member."}
      </Empty>
      {making && <NewProjectDialog onClose={() => setMaking(false)} />}
    </Page>
  );
}
