import { CircleCheck, CircleX, LoaderCircle } from "lucide-react";
import type { Service, Workspace } from "@/shared/api/types";
import { duration, moment } from "@/shared/lib/format";
import { conditionOf } from "@/shared/ui/condition";
import { underWay } from "./queries";
import { useNow } from "./use-now";
import { isLast, stageMs, stageWord } from "./words";

/** The steps of the last start, each with how long it took. */
export function Stages({ workspace }: { workspace: Workspace }) {
  const going = underWay(workspace);
  const now = useNow(going);
  const { stages } = workspace;
  return (
    <ol aria-label="Stages" className="space-y-1.5">
      {stages.map((stage, at) => {
        const last = at === stages.length - 1;
        const lasts = last && going;
        const Icon = lasts ? LoaderCircle : stage.stage === "failed" ? CircleX : CircleCheck;
        const colour = lasts ? "text-starting" : stage.stage === "failed" ? "text-danger" : "text-completed";
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step stays where it is
          <li key={at} data-stage={stage.stage} className="flex items-start gap-2 text-sm">
            <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${colour} ${lasts ? "animate-spin" : ""}`} />
            <span className="min-w-0 flex-1 wrap-anywhere">
              {stageWord(stage.stage)}
              {stage.note && <span className="block text-muted">{stage.note}</span>}
            </span>
            <span className="whitespace-nowrap text-muted tabular-nums" title={moment(stage.at)}>
              {last && isLast(stage.stage) ? "" : duration(stageMs(stage, now))}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** How far a start is: its place in the queue, or its share of the usual time. */
export function Starting({ workspace, service }: { workspace: Workspace; service: Service | undefined }) {
  const now = useNow(true);
  const condition = conditionOf(workspace);
  const usual = service?.usual_ms;
  const begun = workspace.stages.findLast(({ stage }) => stage === "admitted" || stage === "started");
  const took = begun
    ? Math.max(0, now - Date.parse(workspace.stages.find((s) => s.stage === "admitted")?.at ?? begun.at))
    : 0;
  // It never shows that it is done before it is.
  const fraction = usual ? Math.min(0.97, took / usual) : undefined;
  const words =
    condition === "queued"
      ? workspace.queue_position
        ? `Number ${workspace.queue_position} in the queue; it starts by itself when there is room.`
        : "In the queue; it starts by itself when there is room."
      : condition === "stopping"
        ? (workspace.reason ?? "It is asked to end; its files stay.")
        : (workspace.health_reason ?? "Its program is being started.");
  return (
    <div className="space-y-2">
      <p role="status" className="wrap-anywhere first-letter:uppercase">
        {words}
      </p>
      {condition === "starting" && (
        <>
          <progress
            className={`h-2 w-full ${fraction === undefined ? "animate-pulse" : ""}`}
            aria-label={`Start of ${workspace.title}`}
            max={100}
            {...(fraction !== undefined && { value: Math.round(fraction * 100) })}
          />
          <p className="text-sm text-muted tabular-nums">
            {duration(took)}
            {usual ? ` of the usual ${duration(usual)}` : ", for the first time here"}
          </p>
        </>
      )}
    </div>
  );
}
