// What can be done in the graph, for the palette, the sheet and the keys. The keys count only while the panel has the
// focus: arrows and letters belong to whatever one is in.

import { type KeyboardEvent, useCallback, useMemo, useRef } from "react";
import { type Action, useActions } from "@/shared/actions/actions";
import { stroke } from "@/shared/actions/keys";
import type { Direction } from "./walk";

interface Doing {
  activate: () => void;
  open: () => void;
  trace: () => void;
  /** Whether there was something to clear. */
  clear: () => boolean;
  find: () => void;
  layOut: () => void;
  walk: (direction: Direction) => void;
  nudge: (dx: number, dy: number) => void;
  zoom: (how: "in" | "out" | "fit") => void;
}

const section = "Flow";

export function useFlowActions(doing: Doing): (event: KeyboardEvent) => void {
  const latest = useRef(doing);
  latest.current = doing;
  const actions = useMemo<readonly Action[]>(() => {
    const now = () => latest.current;
    const list: Omit<Action, "section" | "local">[] = [
      { id: "flow.find", title: "Find a process or data", keys: "f", run: () => now().find() },
      { id: "flow.right", title: "Go to what it leads to", keys: "ArrowRight", run: () => now().walk("right") },
      { id: "flow.left", title: "Go to what it comes from", keys: "ArrowLeft", run: () => now().walk("left") },
      { id: "flow.down", title: "Go to the one below", keys: "ArrowDown", run: () => now().walk("down") },
      { id: "flow.up", title: "Go to the one above", keys: "ArrowUp", run: () => now().walk("up") },
      { id: "flow.open", title: "Open the page of the process or data", keys: "mod+Enter", run: () => now().open() },
      { id: "flow.lineage", title: "Show what it was made from and into", keys: "l", run: () => now().trace() },
      { id: "flow.clear", title: "Show all alike again", keys: "Escape", run: () => void now().clear() },
      { id: "flow.move-right", title: "Move it to the right", keys: "shift+ArrowRight", run: () => now().nudge(1, 0) },
      { id: "flow.move-left", title: "Move it to the left", keys: "shift+ArrowLeft", run: () => now().nudge(-1, 0) },
      { id: "flow.move-down", title: "Move it down", keys: "shift+ArrowDown", run: () => now().nudge(0, 1) },
      { id: "flow.move-up", title: "Move it up", keys: "shift+ArrowUp", run: () => now().nudge(0, -1) },
      { id: "flow.zoom-in", title: "Zoom in", keys: "+", run: () => now().zoom("in") },
      { id: "flow.zoom-out", title: "Zoom out", keys: "-", run: () => now().zoom("out") },
      { id: "flow.fit", title: "Show everything", keys: "1", words: "fit zoom", run: () => now().zoom("fit") },
      { id: "flow.lay-out", title: "Lay out again", words: "arrange", run: () => now().layOut() },
    ];
    return list.map((action) => ({ ...action, section, local: true }));
  }, []);
  useActions(actions);

  return useCallback(
    (event: KeyboardEvent) => {
      if (event.defaultPrevented || (event.target as Element).closest("input, [role=menu]")) return;
      const key = stroke(event.nativeEvent);
      // A modifier alone is the key of no action, not of those without keys.
      if (key === undefined) return;
      // What is cleared is taken from others who wait for Escape; what is not, not.
      if (key === "Escape" && !latest.current.clear()) return;
      const found = key !== "Escape" && actions.find(({ keys }) => keys === key);
      if (found) found.run();
      if (found || key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    [actions],
  );
}
