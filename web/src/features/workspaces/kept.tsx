import { useMutation, useQueryClient } from "@tanstack/react-query";
import { AlarmClock, TriangleAlert } from "lucide-react";
import { api, body } from "@/shared/api/client";
import type { Workspace } from "@/shared/api/types";
import { ago, moment } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Menu } from "@/shared/ui/menu";
import { toast } from "@/shared/ui/toast";
import { localTimes } from "./place";
import { useTake } from "./use-take";
import { capital, keeps } from "./words";

const JUDGED = 600;
/** What is nearer is told by the clock alone. */
const SHORTLY = 10_000;

export function useKeep(workspace: Workspace) {
  const take = useTake();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (minutes: number) =>
      body(
        api.POST("/api/workspaces/{workspace}/keep", {
          params: { path: { workspace: workspace.id } },
          body: { minutes },
        }),
      ),
    onSuccess: (answer, minutes) => {
      take(answer);
      // The server judges anew a moment later.
      setTimeout(() => void client.invalidateQueries({ queryKey: ["workspace", answer.id] }), JUDGED);
      toast.done(
        minutes === 0
          ? `${answer.title} may be stopped again when it is idle`
          : `${answer.title} is kept for ${keeps.find((keep) => keep.minutes === minutes)?.words ?? `${minutes} minutes`}`,
      );
    },
    onError: (error) => toast.error(error, "It was not kept"),
  });
}

/** Why it is kept alive or when it would be stopped, and the button that keeps it. */
export function Kept({ workspace }: { workspace: Workspace }) {
  const keep = useKeep(workspace);
  const { idle } = workspace;
  if (!idle) return <p className="text-sm text-muted">What keeps it is told a moment after it is ready.</p>;
  const uses = workspace.access !== "view";
  return (
    <div className="space-y-3">
      {idle.warned && idle.stops_at && (
        <p role="alert" className="flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          It is about to be stopped because nothing happens in it. Its files stay.
        </p>
      )}
      <p className="wrap-anywhere" data-kept>
        {capital(localTimes(idle.text))}.
      </p>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
        {idle.last_activity && (
          <>
            <dt className="text-muted">Last activity</dt>
            <dd title={moment(idle.last_activity)}>{ago(idle.last_activity)}</dd>
          </>
        )}
        {idle.stops_at && (
          <>
            <dt className="text-muted">Stopped if nothing happens</dt>
            <dd title={moment(idle.stops_at)}>
              {new Date(idle.stops_at).toLocaleTimeString(undefined, { timeStyle: "medium" })}
              {Date.parse(idle.stops_at) - Date.now() > SHORTLY && `, ${ago(idle.stops_at)}`}
            </dd>
          </>
        )}
      </dl>
      {uses && (
        <Menu
          trigger={
            <Button busy={keep.isPending} look={idle.warned ? "primary" : "plain"}>
              <AlarmClock aria-hidden className="size-4" />
              Keep it…
            </Button>
          }
          items={[
            ...keeps.map(({ minutes, words }) => ({
              id: String(minutes),
              label: `For ${words}`,
              run: () => keep.mutate(minutes),
            })),
            "line",
            { id: "0", label: "Only while it is used", run: () => keep.mutate(0) },
          ]}
        />
      )}
    </div>
  );
}
