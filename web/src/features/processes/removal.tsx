// Deleting a process: it goes out of sight at once, and for good when nobody has called it back for a while.

import { useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState, useSyncExternalStore } from "react";
import { useMay } from "@/features/identity/account";
import { request } from "@/shared/api/client";
import type { ProcessView, Project } from "@/shared/api/types";
import { plural } from "@/shared/lib/format";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { ended } from "@/shared/ui/state";
import { removeWithUndo } from "@/shared/undo/notice";

let leaving: ReadonlySet<string> = new Set();
const watchers = new Set<() => void>();

function set(next: ReadonlySet<string>) {
  leaving = next;
  for (const watcher of watchers) watcher();
}

/** The processes that are out of sight because they are about to be deleted. */
export function useLeaving(): ReadonlySet<string> {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => leaving,
  );
}

interface Props {
  project: Project;
  process: ProcessView;
  /** It is gone from the screen, or back on it. */
  onGone: () => void;
  onBack?: () => void;
}

export function DeleteButton({ project, process, onGone, onBack }: Props) {
  const may = useMay(project.id);
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const running = process.versions.some(({ state }) => !ended(state));
  if (!may("processes.delete") || running) return null;
  const outputs = process.versions.reduce((sum, version) => sum + version.outputs.length, 0);

  function remove() {
    setAsking(false);
    const { id, name } = process;
    removeWithUndo({
      text: `The process ${name} was deleted`,
      title: `Deletion of ${name}`,
      hide: () => {
        set(new Set([...leaving, id]));
        onGone();
      },
      show: () => {
        set(new Set([...leaving].filter((one) => one !== id)));
        onBack?.();
      },
      commit: async (keepalive) => {
        await request(`/api/processes/${encodeURIComponent(id)}`, { method: "DELETE", keepalive });
        await client.invalidateQueries({ queryKey: ["processes", project.name] });
        set(new Set([...leaving].filter((one) => one !== id)));
      },
    });
  }

  return (
    <>
      <Button look="quiet" onClick={() => setAsking(true)}>
        <Trash2 aria-hidden className="size-4" />
        Delete…
      </Button>
      {asking && (
        <Dialog title={`Delete ${process.name}?`} onClose={() => setAsking(false)}>
          <p className="mb-4 text-sm">
            {plural(process.versions.length, "version")} with{" "}
            {outputs === 0 ? "their logs" : `${plural(outputs, "output")} and their logs`} will be gone. For a few
            seconds it can be taken back.
          </p>
          <div className="flex justify-end gap-2">
            <Button onClick={() => setAsking(false)}>Keep it</Button>
            <Button look="danger" onClick={remove}>
              Delete
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
