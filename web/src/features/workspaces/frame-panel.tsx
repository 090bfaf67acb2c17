// One workspace inside of the app. Only one's own: see `place.ts`.

import { useQuery } from "@tanstack/react-query";
import { AppWindow, ExternalLink, RefreshCw } from "lucide-react";
import { useMemo, useState } from "react";
import { useAccount } from "@/features/identity/account";
import type { Workspace } from "@/shared/api/types";
import { type PanelProps, usePanelMenu, usePanelTitle } from "@/shared/panels/panel";
import { Button } from "@/shared/ui/button";
import { ConditionBadge } from "@/shared/ui/condition";
import { Empty } from "@/shared/ui/empty";
import { Failure } from "@/shared/ui/failure";
import { SelectField } from "@/shared/ui/field";
import { Skeleton } from "@/shared/ui/skeleton";
import { isOwn, openTab, startPage } from "./place";
import { servicesQuery, underWay, workspaceQuery, workspacesQuery } from "./queries";
import { Stages, Starting } from "./stages";
import { useVerbs } from "./use-verbs";

/**
 * It can't take this window elsewhere. It does not keep the pages from what our origin may do: whoever runs a workspace
 * trusts it with that anyhow, and labs do not work in a frame without an origin.
 */
const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-downloads allow-modals";

export default function WorkspaceFrame(props: PanelProps) {
  const { settings } = props;
  const id = typeof settings.workspace === "string" ? settings.workspace : undefined;
  return id ? <One key={id} {...props} id={id} /> : <Choose {...props} />;
}

function Choose({ project, onSettings }: PanelProps) {
  const account = useAccount();
  const workspaces = useQuery(workspacesQuery(project.name));
  if (workspaces.isError) {
    return (
      <div className="p-4">
        <Failure error={workspaces.error} retry={() => void workspaces.refetch()} />
      </div>
    );
  }
  if (workspaces.isPending) return <Skeleton className="h-full w-full" />;
  const own = workspaces.data.items.filter((workspace) => isOwn(workspace, account));
  return (
    <div className="h-full overflow-auto p-4">
      {own.length === 0 ? (
        <Empty icon={AppWindow} title="No workspace of yours">
          Open one on the page of workspaces; here it is shown beside the other panels.
        </Empty>
      ) : (
        <form
          className="mx-auto max-w-sm space-y-3"
          onSubmit={(event) => {
            event.preventDefault();
            onSettings({ workspace: String(new FormData(event.currentTarget).get("workspace")) });
          }}
        >
          <SelectField label="Workspace" name="workspace">
            {own.map(({ id, title, state }) => (
              <option key={id} value={id}>
                {title} ({state})
              </option>
            ))}
          </SelectField>
          <Button type="submit" look="primary">
            Show it here
          </Button>
        </form>
      )}
    </div>
  );
}

function One({ id, onSettings }: PanelProps & { id: string }) {
  const account = useAccount();
  const workspace = useQuery(workspaceQuery(id));
  const services = useQuery(servicesQuery).data?.items;
  const [turn, setTurn] = useState(0);
  const shown = workspace.data;
  usePanelTitle(shown?.title);
  usePanelMenu(
    useMemo(
      () => [
        { id: "reload", label: "Load it again", icon: RefreshCw, run: () => setTurn((turn) => turn + 1) },
        {
          id: "tab",
          label: "Open in a tab",
          icon: ExternalLink,
          disabled: shown?.state !== "ready",
          run: () => shown && openTab(shown),
        },
        { id: "other", label: "Show another workspace", icon: AppWindow, run: () => onSettings({}) },
      ],
      [shown, onSettings],
    ),
  );
  if (workspace.isError) {
    return (
      <div className="space-y-3 p-4">
        <Failure error={workspace.error} retry={() => void workspace.refetch()} />
        <Button onClick={() => onSettings({})}>Show another workspace</Button>
      </div>
    );
  }
  if (!shown) return <Skeleton className="h-full w-full" />;
  if (!isOwn(shown, account)) {
    return (
      <div className="h-full overflow-auto p-4">
        <Empty
          icon={ExternalLink}
          title={`${shown.title} belongs to ${shown.owner_name}`}
          action={<Button onClick={() => onSettings({})}>Show another workspace</Button>}
        >
          Workspaces of others open in a tab, from the page of workspaces.
        </Empty>
      </div>
    );
  }
  if (shown.state !== "ready") {
    return <NotReady workspace={shown} service={services?.find(({ name }) => name === shown.service)} />;
  }
  return (
    <iframe
      // A new run, or the wish to load it again, begins anew.
      key={`${shown.run} ${turn}`}
      title={shown.title}
      src={startPage(shown)}
      sandbox={SANDBOX}
      referrerPolicy="same-origin"
      allow="clipboard-read; clipboard-write; fullscreen"
      className="block h-full w-full border-0 bg-white"
    />
  );
}

function NotReady({
  workspace,
  service,
}: {
  workspace: Workspace;
  service: Parameters<typeof Starting>[0]["service"];
}) {
  const { verbs, dialog, busy } = useVerbs({ workspace, service });
  const start = verbs.find(({ id }) => id === "start");
  return (
    <div className="h-full space-y-4 overflow-auto p-4">
      <div className="flex flex-wrap items-center gap-3">
        <h2>{workspace.title}</h2>
        <ConditionBadge workspace={workspace} />
      </div>
      {underWay(workspace) ? <Starting workspace={workspace} service={service} /> : <p>{workspace.reason}</p>}
      {start && (
        <Button look="primary" busy={busy} onClick={start.run}>
          <start.icon aria-hidden className="size-4" />
          Start
        </Button>
      )}
      <Stages workspace={workspace} />
      {dialog}
    </div>
  );
}
