import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleStop } from "lucide-react";
import { useMay } from "@/features/identity/account";
import { api, body } from "@/shared/api/client";
import type { ProcessView, Project, VersionView } from "@/shared/api/types";
import { credits } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { inputClass } from "@/shared/ui/field";
import { ended, ProgressBar, StateBadge, stateWord } from "@/shared/ui/state";
import { toast } from "@/shared/ui/toast";
import { Took } from "./took";

/** Cancelling a version; `possible` while it has not ended, is not stopping already, and one may. */
export function useCancel(project: Project, version: VersionView | undefined) {
  const may = useMay(project.id);
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: ({ process, version }: VersionView) =>
      body(api.POST("/api/processes/{id}/versions/{version}/cancel", { params: { path: { id: process, version } } })),
    onError: (error) => toast.error(error, "It was not cancelled"),
    onSettled: (_answer, _error, { process }) => client.invalidateQueries({ queryKey: ["process", process] }),
  });
  const possible = version !== undefined && !ended(version.state) && !version.stopping && may("processes.cancel");
  return { possible, busy: cancel.isPending, run: () => version && cancel.mutate(version) };
}

export function CancelButton({ project, version }: { project: Project; version: VersionView }) {
  const cancel = useCancel(project, version);
  if (!cancel.possible) return null;
  return (
    <Button look="danger" busy={cancel.busy} onClick={cancel.run}>
      <CircleStop aria-hidden className="size-4" />
      Cancel
    </Button>
  );
}

interface VersionChoiceProps {
  process: ProcessView;
  version: number;
  label?: string;
  onVersion: (version: number) => void;
}

export function VersionChoice({ process, version, label = "Version", onVersion }: VersionChoiceProps) {
  return (
    <select
      aria-label={label}
      className={`${inputClass} w-auto!`}
      value={version}
      onChange={(event) => onVersion(Number(event.target.value))}
    >
      {process.versions.toReversed().map((one) => (
        <option key={one.version} value={one.version}>
          Version {one.version}: {stateWord(one.state)}
        </option>
      ))}
    </select>
  );
}

interface Props {
  process: ProcessView;
  version: VersionView;
  onVersion: (version: number) => void;
}

/** The version that is shown, its state, and what is to be said of it. */
export function Summary({ process, version, onVersion }: Props) {
  return (
    <div className="space-y-2" aria-live="polite">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        {process.versions.length > 1 ? (
          <VersionChoice process={process} version={version.version} onVersion={onVersion} />
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
      <VersionProgress version={version} />
    </div>
  );
}

/** What the program said about how far it is, while it runs. */
export function VersionProgress({ version }: { version: VersionView }) {
  if (ended(version.state) || !version.progress) return null;
  return (
    <div className="max-w-md">
      <p className="text-sm">{version.progress.message}</p>
      <ProgressBar fraction={version.progress.fraction} label="Progress" />
    </div>
  );
}
