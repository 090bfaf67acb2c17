// Where one is in the tour, and whether it has been offered; kept in the browser.

import { useSyncExternalStore } from "react";

/** `offered`: the card that offers it is shown; a number: the step; undefined: nothing is shown. */
export type TourState = "offered" | number | undefined;

const KEY = "castalia.tour";

const seen = () => {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return true;
  }
};

let state: TourState = seen() ? undefined : "offered";
const watchers = new Set<() => void>();

export function setTour(next: TourState): void {
  state = next;
  // Once somebody has answered, it is not offered again.
  if (next !== "offered") {
    try {
      localStorage.setItem(KEY, "seen");
    } catch {
      // It will be offered again; no harm.
    }
  }
  for (const watcher of watchers) watcher();
}

export const startTour = () => setTour(0);

export function useTour(): TourState {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => state,
  );
}
