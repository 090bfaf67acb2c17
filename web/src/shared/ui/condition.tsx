// The states of workspaces, in the words, icons and colours of `state.tsx` where they mean the same.

import { CirclePause, HeartCrack, TriangleAlert } from "lucide-react";
import type { Workspace } from "@/shared/api/types";
import { Badge, type Look, vocabulary } from "./state";

/** What a workspace is for people: where it is in its life, and how it is while it runs. */
export type Condition = "stopped" | "queued" | "starting" | "ready" | "degraded" | "unhealthy" | "stopping" | "failed";

const conditions: Record<Condition, Look> = {
  queued: vocabulary.queued,
  starting: vocabulary.starting,
  ready: { ...vocabulary.completed, word: "Ready" },
  degraded: { icon: TriangleAlert, word: "Degraded", colour: "text-warn bg-warn-soft" },
  unhealthy: { icon: HeartCrack, word: "Unhealthy", colour: vocabulary.failed.colour },
  stopping: { ...vocabulary.starting, word: "Stopping" },
  stopped: { icon: CirclePause, word: "Stopped", colour: vocabulary.queued.colour },
  failed: vocabulary.failed,
};

export function conditionOf({ state, health }: Pick<Workspace, "state" | "health">): Condition {
  if (state !== "ready") return state;
  return health === "degraded" || health === "unhealthy" ? health : "ready";
}

export const conditionWord = (condition: Condition): string => conditions[condition].word;

export function ConditionBadge({ workspace }: { workspace: Pick<Workspace, "state" | "health"> }) {
  const condition = conditionOf(workspace);
  return <Badge name={condition} look={conditions[condition]} />;
}
