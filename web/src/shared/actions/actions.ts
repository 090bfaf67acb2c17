// What can be done here and now. Whoever is on screen registers its actions; the palette (Ctrl+K) lists them all, the
// sheet (?) those with keys, and the keys work while they are registered.

import type { LucideIcon } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";

export interface Action {
  /** `noun.verb`; the newest registration wins. */
  id: string;
  title: string;
  /** The heading it stands under: "Project", "Panel", "Process". */
  section: string;
  icon?: LucideIcon;
  /** Further words to be found by. */
  words?: string;
  /** Keys as `mod+k`, `g p` (one after the other), `?`; `mod` is Ctrl, or Command on a Mac. */
  keys?: string;
  /** Its keys are heard by what has the focus; the sheet tells them, nobody else listens for them. */
  local?: boolean;
  disabled?: boolean;
  run: () => void;
}

let actions: readonly Action[] = [];
const watchers = new Set<() => void>();

function set(next: readonly Action[]) {
  actions = next;
  for (const watcher of watchers) watcher();
}

/** Registers actions until the returned function is called. */
export function register(added: readonly Action[]): () => void {
  set([...actions, ...added]);
  return () => set(actions.filter((action) => !added.includes(action)));
}

/** All that are registered, the newest of each id. */
export function current(): readonly Action[] {
  return [...new Map(actions.map((action) => [action.id, action])).values()];
}

/** Actions under their headings, in the order in which they come. */
export function bySection(all: readonly Action[]): [section: string, actions: Action[]][] {
  const sections = new Map<string, Action[]>();
  for (const action of all) sections.set(action.section, [...(sections.get(action.section) ?? []), action]);
  return [...sections];
}

/** Registers actions while the caller is shown. Keep `added` stable (`useMemo`). */
export function useActions(added: readonly Action[]): void {
  useEffect(() => register(added), [added]);
}

export function useAllActions(): readonly Action[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => actions,
  );
}
