import { useQuery } from "@tanstack/react-query";
import { EllipsisVertical } from "lucide-react";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { useAccount } from "@/features/identity/account";
import { useActions } from "@/shared/actions/actions";
import type { Project, ProjectView, Service, Workspace } from "@/shared/api/types";
import { ago, bytes, duration, moment } from "@/shared/lib/format";
import type { Settings } from "@/shared/panels/panel";
import { Button } from "@/shared/ui/button";
import { ConditionBadge } from "@/shared/ui/condition";
import { Failure } from "@/shared/ui/failure";
import { Menu } from "@/shared/ui/menu";
import { Page } from "@/shared/ui/page";
import { Skeleton } from "@/shared/ui/skeleton";
import { CopyButton } from "@/shared/ui/toast";
import { HealthTimeline } from "./health";
import { Kept } from "./kept";
import { workspaceLog } from "./log";
import { isOwn, localTimes, startPage } from "./place";
import { servicesQuery, underWay, workspaceQuery } from "./queries";
import { Shares } from "./share";
import { Stages, Starting } from "./stages";
import { usePlaces } from "./use-places";
import { useVerbs } from "./use-verbs";
import { advice, capital, resourcesInWords } from "./words";

const LogView = lazy(() => import("@/features/processes/log/log-view"));

export function WorkspacePage({ project, id }: { project: ProjectView; id: string }) {
  const workspace = useQuery(workspaceQuery(id));
  const services = useQuery(servicesQuery).data?.items;
  if (workspace.isError && !workspace.data) {
    return (
      <Page title="Workspace">
        <Failure error={workspace.error} retry={() => void workspace.refetch()} />
      </Page>
    );
  }
  if (!workspace.data) {
    return (
      <Page title="Workspace" heading={<Skeleton className="h-8 w-64" />}>
        <Skeleton className="h-10 w-full" />
        <Skeleton className="h-48 w-full" />
        <Skeleton className="h-[24rem] w-full" />
      </Page>
    );
  }
  const service = services?.find(({ name }) => name === workspace.data.service);
  return <Found project={project} workspace={workspace.data} service={service} />;
}

interface Props {
  project: Project;
  workspace: Workspace;
  service: Service | undefined;
}

function Found({ project, workspace, service }: Props) {
  const { state } = workspace;
  const running = state === "ready";
  // What waits in the queue has no log and no health yet.
  const started = workspace.run > 0 && state !== "queued";
  return (
    <Page
      title={workspace.title}
      heading={
        <span className="flex flex-wrap items-center gap-3">
          {workspace.title}
          <ConditionBadge workspace={workspace} />
        </span>
      }
      actions={<Actions project={project} workspace={workspace} service={service} />}
    >
      <Facts workspace={workspace} service={service} />
      {state === "failed" && <Outcome workspace={workspace} />}
      {state === "stopped" && workspace.reason && (
        <p className="rounded-md bg-queued-soft px-3 py-2 text-sm text-queued">
          {capital(workspace.reason)}
          {workspace.ended_at && `, ${ago(workspace.ended_at)}`}. Its files are kept.
        </p>
      )}
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Card title={underWay(workspace) ? "Under way" : "Its last start"}>
          {underWay(workspace) && <Starting workspace={workspace} service={service} />}
          <Stages workspace={workspace} />
          {workspace.ready_ms != null && !underWay(workspace) && (
            <p className="text-sm text-muted">Ready {duration(workspace.ready_ms)} after it was asked for.</p>
          )}
        </Card>
        <div className="space-y-4">
          {running && (
            <Card title="Why it is kept">
              <Kept workspace={workspace} />
            </Card>
          )}
          {workspace.access === "manage" && (
            <Card title="Shared with">
              <Shares workspace={workspace} />
            </Card>
          )}
        </div>
      </div>
      {started && (
        <Card title="Health">
          {running && (
            <p className="wrap-anywhere">
              <ConditionBadge workspace={workspace} />{" "}
              <span className="ml-1 text-muted">{workspace.health_reason && localTimes(workspace.health_reason)}</span>
            </p>
          )}
          <HealthTimeline workspace={workspace} />
        </Card>
      )}
      {started && <OwnLog workspace={workspace} />}
    </Page>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="card space-y-3 p-4">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Actions({ project, workspace, service }: Props) {
  const { toList, toPane } = usePlaces(project);
  const { verbs, dialog, busy } = useVerbs({
    workspace,
    service,
    onPane: () => toPane(workspace),
    onDeleted: toList,
  });
  const { title } = workspace;
  const names = verbs.map(({ id }) => id).join(" ");
  useActions(
    // biome-ignore lint/correctness/useExhaustiveDependencies: the verbs are named by what they depend on
    useMemo(
      () =>
        verbs.map(({ id, label, icon, run }) => ({
          id: `workspace.${id}`,
          title: `${label.replace("…", "")}: ${title}`,
          section: "Workspace",
          icon,
          run,
        })),
      [names, title, workspace, service],
    ),
  );
  const shown = verbs.filter(({ id }) => ["open", "pane", "start", "stop", "share"].includes(id));
  const rest = verbs.filter((verb) => !shown.includes(verb));
  return (
    <>
      {shown.map(({ id, label, icon: Icon, run }) => (
        <Button key={id} look={id === "open" || id === "start" ? "primary" : "plain"} busy={busy} onClick={run}>
          <Icon aria-hidden className="size-4" />
          {label}
        </Button>
      ))}
      {rest.length > 0 && (
        <Menu
          align="end"
          trigger={
            <Button look="quiet" className="px-2!" aria-label={`More of ${title}`}>
              <EllipsisVertical aria-hidden className="size-4" />
            </Button>
          }
          items={rest}
        />
      )}
      {dialog}
    </>
  );
}

function Facts({ workspace, service }: { workspace: Workspace; service: Service | undefined }) {
  const account = useAccount();
  const profile = service?.profiles.find(({ name }) => name === workspace.profile);
  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-1 text-sm text-muted">
      <span>
        {service?.title ?? workspace.service}, {profile?.title || workspace.profile}:{" "}
        {resourcesInWords(workspace.resources)}
      </span>
      {!isOwn(workspace, account) && <span>of {workspace.owner_name}</span>}
      <span title={moment(workspace.created_at)}>made {ago(workspace.created_at)}</span>
      <CopyButton text={startPage(workspace)} label="Copy its address" />
    </div>
  );
}

/** How it failed, and what to do. */
function Outcome({ workspace }: { workspace: Workspace }) {
  const { exit, reason, ended_at: ended } = workspace;
  return (
    <div role="alert" className="space-y-2 rounded-md bg-failed-soft px-4 py-3">
      <p className="font-medium text-failed wrap-anywhere">
        Failed{ended && ` ${ago(ended)}`}: {reason ?? "no reason is known"}
      </p>
      <p className="max-w-prose text-sm text-ink">{advice(workspace)}</p>
      {exit && (
        <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm text-ink">
          {exit.code != null && (
            <div className="flex gap-1.5">
              <dt>Exit code</dt>
              <dd className="font-mono" data-exit-code>
                {exit.code}
              </dd>
            </div>
          )}
          {exit.signal != null && (
            <div className="flex gap-1.5">
              <dt>Signal</dt>
              <dd className="font-mono">{exit.signal}</dd>
            </div>
          )}
          <div className="flex gap-1.5">
            <dt>Processor time</dt>
            <dd>{duration(exit.cpu_ms)}</dd>
          </div>
          <div className="flex gap-1.5">
            <dt>Most memory</dt>
            <dd>{bytes(exit.max_rss_kb * 1024)}</dd>
          </div>
        </dl>
      )}
    </div>
  );
}

function OwnLog({ workspace }: { workspace: Workspace }) {
  const [look, setLook] = useState<Settings>({});
  const { id, name, run, state } = workspace;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what a log depends on
  const log = useMemo(() => workspaceLog(workspace), [id, name, run, state]);
  return (
    <section aria-label="What it writes" className="space-y-2">
      <h2>What it writes</h2>
      <div className="h-[26rem] max-h-[70vh]">
        <Suspense fallback={<Skeleton className="h-full w-full" />}>
          {/* The key: a view is of one log. */}
          <LogView key={log.key} log={log} settings={look} onSettings={setLook} />
        </Suspense>
      </div>
    </section>
  );
}
