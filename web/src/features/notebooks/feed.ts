import type { QueryKey } from "@tanstack/react-query";
import type { Event } from "@/shared/api/types";

/** What must be loaded again after an event about a notebook of `project` (its name). */
export function feedNotebook(project: string, event: Event): QueryKey[] {
  const { notebook } = event.data as { notebook?: string };
  const lists: QueryKey[] = [["notebooks", project]];
  if (!notebook) return lists;
  return [...lists, ["notebook", notebook], ["notebook-comments", notebook], ["notebook-versions", notebook]];
}
