// What the palette and the sheet of keys offer while a notebook is open.

import { LayoutList, Play, RotateCcw, Shapes, Square } from "lucide-react";
import { useMemo } from "react";
import { type Action, useActions } from "@/shared/actions/actions";
import { CommandKeys, keyMap, pressAll } from "./cells/keys";
import type { Open } from "./context";
import type { SidePart } from "./side/side";
import type { View } from "./tool-bar";

interface Around {
  restart: () => void;
  view: View;
  onView: (view: View) => void;
  onSide: (side: SidePart) => void;
}

type Offered = Pick<Action, "id" | "title" | "run"> & Partial<Action>;

const sides: readonly (readonly [SidePart, string])[] = [
  ["variables", "Show the variables"],
  ["comments", "Show the comments"],
  ["versions", "Show the versions"],
  ["storage", "Show what the outputs store"],
];

export function useNotebookActions(open: Open, { restart, view, onView, onSide }: Around): void {
  const { commands, focus, mayEdit, mayRun } = open;
  const actions = useMemo<Action[]>(() => {
    const here = (what: "to" | "from" | "tissue" | "graph") => () => {
      if (focus.active !== undefined) void commands.runWhat(what, focus.active);
    };
    const runs: Offered[] = [
      { id: "run-all", title: "Run all cells", icon: Play, run: () => void commands.runWhat("all") },
      { id: "run-stale", title: "Run what is out of date", icon: Play, run: () => void commands.runWhat("stale") },
      { id: "run-to", title: "Run up to this cell", icon: Play, run: here("to") },
      { id: "run-from", title: "Run from this cell", icon: Play, run: here("from") },
      { id: "run-tissue", title: "Run this section", icon: Play, run: here("tissue") },
      { id: "run-graph", title: "Run along the edges from this cell", icon: Play, run: here("graph") },
      { id: "interrupt", title: "Interrupt the kernel", icon: Square, run: () => void commands.interrupt() },
      { id: "restart", title: "Restart the kernel…", icon: RotateCcw, run: restart },
    ];
    const edits: Offered[] = [
      { id: "add-code", title: "Add a code cell", run: () => commands.add("below", "code", true) },
      { id: "add-markdown", title: "Add a Markdown cell", run: () => commands.add("below", "markdown", true) },
    ];
    const looks: Offered[] = [
      view === "list"
        ? { id: "canvas", title: "Show as a canvas", icon: Shapes, run: () => onView("canvas") }
        : { id: "list", title: "Show as a list", icon: LayoutList, run: () => onView("list") },
      ...sides.map(([side, title]) => ({ id: side, title, run: () => onSide(side) })),
    ];
    const keys = new CommandKeys({ commands, focus, restart });
    return [
      ...[...(mayRun ? runs : []), ...(mayEdit ? edits : []), ...looks].map((one) => ({
        ...one,
        id: `notebook.${one.id}`,
        section: "Notebook",
        words: "cell kernel",
      })),
      ...keyMap.map(([line, title, where]) => ({
        id: `notebook.key ${line}`,
        title,
        section: "Keys of a cell",
        keys: line,
        local: true,
        // Told by the sheet; the palette offers what it can do.
        disabled: where !== undefined || line === "Escape",
        run: () => pressAll(keys, line),
      })),
    ];
  }, [commands, focus, mayEdit, mayRun, restart, view, onView, onSide]);
  useActions(actions);
}
