// The editor's code comes once a notebook is shown; cells draw their text as it is until then.

import { useSyncExternalStore } from "react";
import { toast } from "@/shared/ui/toast";

type Editor = typeof import("./cell-editor");

let loaded: Editor | undefined;
let asked = false;
const watchers = new Set<() => void>();

function load() {
  if (asked) return;
  asked = true;
  import("./cell-editor").then(
    (module) => {
      loaded = module;
      for (const watcher of watchers) watcher();
    },
    (error) => {
      asked = false;
      toast.error(error, "The editor can't be loaded");
    },
  );
}

export function useEditor(): Editor | undefined {
  return useSyncExternalStore(
    (watcher) => {
      load();
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => loaded,
  );
}
