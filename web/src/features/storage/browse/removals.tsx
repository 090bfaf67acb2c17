// Deleting uploads and datasets with a way back: they go from the screen at once and from the server a little later,
// because there their bytes are gone for good.

import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { request } from "@/shared/api/client";
import { Problem } from "@/shared/api/problem";
import { plural } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { toast } from "@/shared/ui/toast";
import { removeWithUndo } from "@/shared/undo/notice";
import { kindOf } from "../queries";
import { shownName } from "../shown-text";
import type { Item } from "./listing";

let removed: ReadonlySet<string> = new Set();
const watchers = new Set<() => void>();

function set(next: ReadonlySet<string>) {
  removed = next;
  for (const watcher of watchers) watcher();
}

/** The ids of what is deleted here, whether or not the server knows yet. */
export function useRemoved(): ReadonlySet<string> {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => removed,
  );
}

const hide = (ids: readonly string[]) => set(new Set([...removed, ...ids]));
const show = (ids: readonly string[]) => set(new Set([...removed].filter((id) => !ids.includes(id))));

/** `force`: also a dataset from which others were made. */
async function remove(client: QueryClient, item: Item, force: boolean, leaving: boolean): Promise<void> {
  const kind = kindOf(item.id);
  const query = force && kind === "datasets" ? "?force=true" : "";
  try {
    await request(`/api/${kind}/${encodeURIComponent(item.id)}${query}`, { method: "DELETE", keepalive: leaving });
  } catch (error) {
    // Somebody else was faster.
    if (error instanceof Problem && error.status === 404) return;
    show([item.id]);
    if (!(error instanceof Problem && error.code === "has_descendants")) {
      toast.error(error, `${shownName(item.name)} was not deleted`);
      return;
    }
    toast.warn(`${shownName(item.name)} stays: other datasets were made from it.`, (dismiss) => (
      <Button
        onClick={() => {
          dismiss();
          removeSoon(client, [item], true);
        }}
      >
        Delete it all the same
      </Button>
    ));
  } finally {
    void client.invalidateQueries({ queryKey: [kind] });
  }
}

export function removeSoon(client: QueryClient, items: readonly Item[], force = false): void {
  const [first] = items;
  if (!first) return;
  const ids = items.map(({ id }) => id);
  const what = items.length === 1 ? shownName(first.name) : plural(items.length, "file");
  removeWithUndo({
    text: `${what} deleted`,
    title: `Deletion of ${what}`,
    hide: () => hide(ids),
    show: () => show(ids),
    commit: async (leaving) => {
      await Promise.all(items.map((item) => remove(client, item, force, leaving)));
    },
  });
}
