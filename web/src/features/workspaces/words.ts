// What people read about a workspace.

import type { Service, Workspace } from "@/shared/api/types";
import { mebibytes, plural } from "@/shared/lib/format";

type Resources = Workspace["resources"];

/** `1 processor, 2 GiB memory, 10 GiB storage`; what has no limit is left out. */
export function resourcesInWords({
  cpu_millis = 0,
  memory_mb = 0,
  storage_mb = 0,
  gpu = 0,
}: Partial<Resources>): string {
  const parts = [
    cpu_millis > 0 && plural(cpu_millis / 1000, "processor"),
    memory_mb > 0 && `${mebibytes(memory_mb)} memory`,
    storage_mb > 0 && `${mebibytes(storage_mb)} storage`,
    gpu > 0 && plural(gpu, "GPU"),
  ];
  return parts.filter(Boolean).join(", ") || "no limits";
}

export const profileOf = (service: Service, name?: string) =>
  service.profiles.find((profile) => profile.name === name) ??
  service.profiles.find((profile) => profile.default) ??
  service.profiles[0];

const stages: Record<string, string> = {
  queued: "In the queue",
  admitted: "Let in, program being started",
  started: "Program runs, not ready yet",
  claimed: "Was waiting ready",
  adopted: "Taken up again",
  ready: "Ready",
  stopping: "Stopping",
  stopped: "Stopped",
  failed: "Failed",
};

export const stageWord = (stage: string): string => stages[stage] ?? stage;

/** How long a stage that lasts has lasted, in milliseconds; the server's clock may be ahead of the browser's. */
export const stageMs = (stage: Workspace["stages"][number], now: number): number =>
  stage.ms ?? Math.max(0, now - Date.parse(stage.at));

/** Stages that are an end: how long they last tells nothing. */
export const isLast = (stage: string): boolean => ["ready", "stopped", "failed"].includes(stage);

/** What to do after it has failed. */
export function advice({ reason_code: code, ready_at, resources, service }: Workspace): string {
  switch (code) {
    case "memory":
      return `It needs more than ${mebibytes(resources.memory_mb ?? 0)}. Start it with a larger profile, or load less at once.`;
    case "storage":
      return "Its files need more room. Start it with a larger profile and delete what is not needed.";
    case "not_ready":
      return `Its program ran but did not answer in time. Its last lines below say what it waited for; if nothing is wrong there, the definition of ${service} gives it too little time.`;
    case "not_started":
      return `Nothing ran. Whoever looks after this server should check the definition of ${service}.`;
    case "lost":
      return "The machine went away, or the program was ended from outside. Starting it again is safe: its files are kept.";
    case "signal":
      return "It was ended from outside or crashed. Its last lines below may say more; starting it again is safe.";
    default:
      return ready_at
        ? "It had been ready. Its last lines below say why it ended; starting it again is safe, its files are kept."
        : `It ended before it was ready, which most often is a setting or a missing package. Its last lines below say which; the definition of ${service} says what was started.`;
  }
}

/** The next hours for which one may keep it. */
export const keeps = [
  { minutes: 60, words: "1 hour" },
  { minutes: 4 * 60, words: "4 hours" },
  { minutes: 24 * 60, words: "1 day" },
  { minutes: 7 * 24 * 60, words: "7 days" },
] as const;

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
