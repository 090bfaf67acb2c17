import type { QueryKey } from "@tanstack/react-query";
import type { Event } from "@/shared/api/types";

interface Details {
  workspace?: string;
}

/** What must be loaded again after an event about a workspace of `project` (its name). */
export function feedWorkspace(project: string, event: Event): QueryKey[] {
  const { workspace } = event.data as Details;
  const lists: QueryKey[] = [
    ["workspaces", project],
    ["workspaces", ""],
  ];
  // How long a service takes to start is learnt from its starts.
  if (event.type === "workspace.ready") lists.push(["services"]);
  if (!workspace || event.type === "workspace.deleted") return lists;
  return [...lists, ["workspace", workspace], ["chronicle", workspace]];
}
