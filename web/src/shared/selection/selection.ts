// What is active in a project, shared by its panels and, over a BroadcastChannel, by its windows. It is not saved:
// addresses and layouts say what must be found again.

import { useSyncExternalStore } from "react";
import { base } from "@/shared/api/client";

export interface Selection {
  /** The active process and version: the graph marks them, the editor and the log show them. */
  process?: string;
  version?: number;
  /** The active upload or dataset. */
  data?: string;
  /** Rows of a table that are picked or brushed: plots and maps highlight them. */
  rows?: { data: string; rows: readonly number[] };
}

const none: Selection = {};
const selections = new Map<string, Selection>();
const watchers = new Set<() => void>();
const channel =
  typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(`castalia.selection ${base.pathname}`);

function put(project: string, selection: Selection) {
  selections.set(project, selection);
  for (const watcher of watchers) watcher();
}

/** What windows tell each other. A window that has just opened asks what is selected. */
type Said = { project: string; selection: Selection; answer?: boolean } | "what is selected?";

channel?.addEventListener("message", ({ data }: MessageEvent<Said>) => {
  if (data === "what is selected?") {
    for (const [project, selection] of selections) channel.postMessage({ project, selection, answer: true });
    // An answer is only for those who know nothing yet.
  } else if (!data.answer || !selections.has(data.project)) put(data.project, data.selection);
});
channel?.postMessage("what is selected?");

export const selectionOf = (project: string): Selection => selections.get(project) ?? none;

/** Changes what is named in `change`; undefined clears it. A new process without a version clears the version. */
export function select(project: string, change: Selection): void {
  const before = selectionOf(project);
  const other = "process" in change && change.process !== before.process;
  const selection = { ...before, ...(other && { version: undefined }), ...change };
  put(project, selection);
  channel?.postMessage({ project, selection });
}

/** The selection of a project, by its id. */
export function useSelection(project: string): Selection {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => selectionOf(project),
  );
}
