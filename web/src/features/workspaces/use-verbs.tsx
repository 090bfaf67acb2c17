// What can be done with a workspace, for its page, its row, and the palette alike.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  AppWindow,
  ExternalLink,
  type LucideIcon,
  PencilLine,
  Play,
  RotateCcw,
  Share2,
  Square,
  Trash2,
} from "lucide-react";
import { type ReactNode, useState } from "react";
import { useAccount, useMay } from "@/features/identity/account";
import { api, body } from "@/shared/api/client";
import type { Service, Workspace } from "@/shared/api/types";
import { toast } from "@/shared/ui/toast";
import { DeleteDialog, RenameDialog, StartDialog, StopDialog, TrustDialog } from "./dialogs";
import { isOwn, isTrusted, openTab, trust } from "./place";
import { ShareDialog } from "./share";
import { useTake } from "./use-take";

export interface Verb {
  id: "open" | "pane" | "start" | "stop" | "restart" | "rename" | "share" | "delete";
  label: string;
  icon: LucideIcon;
  danger?: boolean;
  run: () => void;
}

type Asked = "trust" | "start" | "stop" | "restart" | "rename" | "share" | "delete";

interface Options {
  workspace: Workspace;
  service: Service | undefined;
  /** Shows it in a pane of the workbench. */
  onPane?: () => void;
  onDeleted?: () => void;
}

/** What one may do now, and the dialog that a verb has opened. */
export function useVerbs({ workspace, service, onPane, onDeleted }: Options): {
  verbs: Verb[];
  dialog: ReactNode;
  busy: boolean;
} {
  const account = useAccount();
  const may = useMay(workspace.project);
  const take = useTake();
  const client = useQueryClient();
  const [asked, ask] = useState<Asked>();
  const close = () => ask(undefined);
  const { id, title, state } = workspace;
  const params = { path: { workspace: id } };

  const change = useMutation({
    mutationFn: ({ verb, profile }: { verb: "start" | "stop" | "restart"; profile?: string }) =>
      verb === "stop"
        ? body(api.POST("/api/workspaces/{workspace}/stop", { params }))
        : body(api.POST(`/api/workspaces/{workspace}/${verb}`, { params, body: { profile: profile ?? null } })),
    onSuccess: take,
    onError: (error, { verb }) => toast.error(error, `${title} was not ${verb === "stop" ? "stopped" : `${verb}ed`}`),
    onSettled: () => client.invalidateQueries({ queryKey: ["workspace", id] }),
  });

  const manages = workspace.access === "manage";
  const uses = workspace.access !== "view";
  const running = state === "ready";
  const active = running || state === "starting" || state === "stopping";
  const opens = manages && may("workspaces.open");
  const openNow = () => {
    if (isTrusted(workspace, account)) openTab(workspace);
    else ask("trust");
  };
  // Another profile may be wanted; with a single one there is nothing to ask.
  const start = () => (service && service.profiles.length > 1 ? ask("start") : change.mutate({ verb: "start" }));
  const verbs: (Verb | false)[] = [
    running && uses && { id: "open", label: "Open in a tab", icon: ExternalLink, run: openNow },
    running &&
      onPane !== undefined &&
      isOwn(workspace, account) && {
        id: "pane",
        label: "Open in the workbench",
        icon: AppWindow,
        run: onPane,
      },
    (state === "stopped" || state === "failed") && opens && { id: "start", label: "Start", icon: Play, run: start },
    (state === "queued" || state === "starting" || running) &&
      manages && {
        id: "stop",
        label: running ? "Stop…" : "Stop",
        icon: Square,
        run: () => (running ? ask("stop") : change.mutate({ verb: "stop" })),
      },
    running && opens && { id: "restart", label: "Restart…", icon: RotateCcw, run: () => ask("restart") },
    manages && { id: "rename", label: "Rename…", icon: PencilLine, run: () => ask("rename") },
    manages && { id: "share", label: "Share…", icon: Share2, run: () => ask("share") },
    manages && !active && { id: "delete", label: "Delete…", icon: Trash2, danger: true, run: () => ask("delete") },
  ];

  const dialogs: Record<Asked, () => ReactNode> = {
    trust: () => (
      <TrustDialog
        workspace={workspace}
        onClose={close}
        onTrust={() => {
          trust(workspace, account);
          close();
          openTab(workspace);
        }}
      />
    ),
    start: () =>
      service && (
        <StartDialog
          workspace={workspace}
          service={service}
          onClose={close}
          onStart={(profile) => {
            close();
            change.mutate({ verb: "start", profile });
          }}
        />
      ),
    stop: () => (
      <StopDialog
        workspace={workspace}
        verb="Stop"
        onClose={close}
        onYes={() => {
          close();
          change.mutate({ verb: "stop" });
        }}
      />
    ),
    restart: () => {
      const restart = (profile?: string) => {
        close();
        change.mutate({ verb: "restart", profile });
      };
      const again = { workspace, verb: "Restart", onClose: close } as const;
      return service && service.profiles.length > 1 ? (
        <StartDialog {...again} service={service} onStart={restart} />
      ) : (
        <StopDialog {...again} onYes={() => restart()} />
      );
    },
    rename: () => <RenameDialog workspace={workspace} onDone={take} onClose={close} />,
    share: () => <ShareDialog workspace={workspace} onClose={close} />,
    delete: () => (
      <DeleteDialog
        workspace={workspace}
        onClose={close}
        onDone={() => {
          toast.done(`${title} was deleted`);
          onDeleted?.();
          client.removeQueries({ queryKey: ["workspace", id] });
          void client.invalidateQueries({ queryKey: ["workspaces"] });
        }}
      />
    ),
  };
  return {
    verbs: verbs.filter((verb) => verb !== false),
    dialog: asked && dialogs[asked](),
    busy: change.isPending,
  };
}
