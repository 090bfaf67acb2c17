// What an event of a process does to the cache: at once what it says by itself (state, progress), and what has
// to be asked for again.

import type { InfiniteData, QueryClient, QueryKey } from "@tanstack/react-query";
import type { Event, ProcessView, VersionView } from "@/shared/api/types";

interface Details {
  process: string;
  version: number;
  state?: VersionView["state"];
  reason?: string;
  started_at?: string;
  fraction?: number;
  message?: string;
}

type Pages = InfiniteData<{ items: ProcessView[]; next?: string | null }>;

function changed(version: VersionView, type: string, data: Details): VersionView {
  if (version.version !== data.version) return version;
  switch (type) {
    case "process.progress":
      return { ...version, progress: { fraction: data.fraction ?? 0, message: data.message ?? "" } };
    case "process.stopping":
      return { ...version, stopping: true };
    default:
      return data.state
        ? {
            ...version,
            state: data.state,
            reason: data.reason ?? version.reason,
            started_at: data.started_at ?? version.started_at,
          }
        : version;
  }
}

/** The process after an event about it. */
export function applied(process: ProcessView, type: string, data: Details): ProcessView {
  if (process.id !== data.process) return process;
  const versions = process.versions.map((version) => changed(version, type, data));
  const state = data.version === process.version && data.state ? data.state : process.state;
  return { ...process, versions, state };
}

/** Changes the cache by an event of `project` (its name) and answers what must be loaded again. */
export function feedProcess(client: QueryClient, project: string, event: Event): QueryKey[] {
  const data = event.data as Details;
  const one = ["process", data.process];
  const list = ["processes", project];
  if (event.type === "process.deleted") {
    client.removeQueries({ queryKey: one });
    return [list, ["datasets", project], ["ledger", project]];
  }
  client.setQueryData<ProcessView>(one, (process) => process && applied(process, event.type, data));
  client.setQueriesData<Pages>(
    { queryKey: list },
    (pages) =>
      pages && {
        ...pages,
        pages: pages.pages.map((page) => ({
          ...page,
          items: page.items.map((process) => applied(process, event.type, data)),
        })),
      },
  );
  if (event.type === "process.progress") return [];
  return [one, list, ["ledger", project], ["project", project]];
}
