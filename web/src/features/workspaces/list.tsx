import { Link } from "@tanstack/react-router";
import { EllipsisVertical } from "lucide-react";
import { useAccount } from "@/features/identity/account";
import type { Project, Service, Workspace } from "@/shared/api/types";
import { ago, moment } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { ConditionBadge } from "@/shared/ui/condition";
import { Menu } from "@/shared/ui/menu";
import { serviceIcon } from "./launcher";
import { isOwn, localTimes } from "./place";
import { underWay } from "./queries";
import { useVerbs } from "./use-verbs";

interface Props {
  project: Project;
  workspaces: readonly Workspace[];
  services: readonly Service[];
  onPane?: (workspace: Workspace) => void;
}

/** Workspaces with their state and why, and the one thing that one most likely wants of each. */
export function WorkspaceList({ project, workspaces, services, onPane }: Props) {
  return (
    <ul aria-label="Workspaces" className="card divide-y divide-line">
      {workspaces.map((workspace) => (
        <Row
          key={workspace.id}
          project={project}
          workspace={workspace}
          twin={workspaces.some((other) => other !== workspace && other.title === workspace.title)}
          service={services.find(({ name }) => name === workspace.service)}
          {...(onPane && { onPane: () => onPane(workspace) })}
        />
      ))}
    </ul>
  );
}

interface RowProps {
  project: Project;
  workspace: Workspace;
  /** Another one is called the same. */
  twin: boolean;
  service: Service | undefined;
  onPane?: () => void;
}

function Row({ project, workspace, twin, service, onPane }: RowProps) {
  const account = useAccount();
  const { verbs, dialog, busy } = useVerbs({ workspace, service, ...(onPane && { onPane }) });
  const Icon = serviceIcon(workspace.service);
  const first = verbs.find(({ id }) => id === "open" || id === "start") ?? verbs.find(({ id }) => id === "stop");
  const rest = verbs.filter((verb) => verb !== first);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3" data-workspace={workspace.name}>
      <Icon aria-hidden className="size-5 shrink-0 text-muted" />
      <div className="min-w-48 flex-1">
        <p className="wrap-anywhere">
          <Link
            className="link font-medium"
            to="/projects/$project/workspaces/$workspace"
            params={{ project: project.name, workspace: workspace.id }}
          >
            {workspace.title}
          </Link>{" "}
          <span className="text-sm text-muted">
            {twin ? workspace.name : service?.title !== workspace.title && (service?.title ?? workspace.service)}
            {!isOwn(workspace, account) && `, of ${workspace.owner_name}`}
          </span>
        </p>
        <p className="text-sm text-muted wrap-anywhere">{why(workspace)}</p>
      </div>
      <div className="w-28">
        <ConditionBadge workspace={workspace} />
      </div>
      <div className="flex items-center gap-1">
        {first && (
          <Button
            busy={busy}
            look={first.id === "stop" ? "plain" : "primary"}
            aria-label={`${first.label.replace("…", "")}: ${workspace.title}`}
            onClick={first.run}
          >
            <first.icon aria-hidden className="size-4" />
            {first.id === "open" ? "Open" : first.label}
          </Button>
        )}
        {rest.length > 0 && (
          <Menu
            align="end"
            trigger={
              <Button look="quiet" className="px-2!" aria-label={`More of ${workspace.title}`}>
                <EllipsisVertical aria-hidden className="size-4" />
              </Button>
            }
            items={rest}
          />
        )}
      </div>
      {dialog}
    </li>
  );
}

/** In one line, what one wants to know of it now. */
export function why(workspace: Workspace): React.ReactNode {
  const { state, health, health_reason: healthReason, idle, reason, ended_at: ended } = workspace;
  if (state === "ready") {
    if (health !== "healthy" && healthReason) return localTimes(healthReason);
    return idle ? localTimes(idle.text) : "";
  }
  if (underWay(workspace)) return (state === "starting" ? healthReason : reason) ?? reason ?? "";
  return (
    <>
      {reason}
      {ended && (
        <time dateTime={ended} title={moment(ended)}>
          {reason ? ", " : ""}
          {ago(ended)}
        </time>
      )}
    </>
  );
}
