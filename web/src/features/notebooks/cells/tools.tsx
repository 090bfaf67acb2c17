// What can be done with one cell, beside it.

import { ArrowDown, ArrowUp, Copy, EllipsisVertical, GripVertical, Play, Plus, Scissors, Trash2 } from "lucide-react";
import { useMemo } from "react";
import { Button } from "@/shared/ui/button";
import { Menu, type MenuPart } from "@/shared/ui/menu";
import { useOpen } from "../context";
import type { CellType } from "../model/document";
import type { CellView } from "./cell";
import { CELLS } from "./drop";

export const words: Record<CellType, string> = { code: "Code", markdown: "Markdown", raw: "Raw" };

export function Tools({ id, view, label }: { id: string; view: CellView; label: string }) {
  const { focus, commands, mayEdit, mayRun } = useOpen();
  const items = useMemo<MenuPart[]>(() => {
    const on = (act: () => void) => () => {
      if (focus.active !== id) focus.note(id, "command");
      act();
    };
    const ways = [
      ...(view.type === "code"
        ? ([
            ["to", "Run up to here"],
            ["from", "Run from here"],
            ["graph", "Run along the edges"],
          ] as const)
        : []),
      ["tissue", "Run this section"],
    ] as const;
    const runs: MenuPart[] = (mayRun ? ways : []).map(([what, label]) => ({
      id: `run-${what}`,
      label,
      icon: Play,
      run: () => void commands.runWhat(what, id),
    }));
    const folds: MenuPart[] = [
      { id: "fold-i", label: "Fold the input", keys: "shift+o", run: on(() => commands.fold("i", [id])) },
      { id: "fold-o", label: "Fold the output", keys: "o", run: on(() => commands.fold("o", [id])) },
    ];
    const types: MenuPart[] = (["code", "markdown", "raw"] as const).map((type) => ({
      id: type,
      label: words[type],
      keys: type === "code" ? "y" : type[0],
      checked: view.type === type,
      run: on(() => commands.change(type)),
    }));
    const copy = { id: "copy", label: "Copy", icon: Copy, keys: "c", run: on(() => commands.copy()) };
    if (!mayEdit) return [...runs, copy];
    return [
      ...runs,
      ...(runs.length > 0 ? (["line"] as const) : []),
      { heading: "Kind" },
      ...types,
      "line",
      { id: "above", label: "Add above", icon: Plus, keys: "a", run: on(() => commands.add("above")) },
      { id: "below", label: "Add below", icon: Plus, keys: "b", run: on(() => commands.add("below")) },
      { id: "cut", label: "Cut", icon: Scissors, keys: "x", run: on(() => commands.cut()) },
      copy,
      { id: "paste", label: "Paste below", keys: "v", run: on(() => commands.paste("below")) },
      { id: "merge", label: "Join with the cell below", keys: "shift+m", run: on(() => commands.merge()) },
      ...folds,
      "line",
      { id: "delete", label: "Delete", icon: Trash2, keys: "d d", danger: true, run: on(() => commands.remove([id])) },
    ];
  }, [commands, focus, id, mayEdit, mayRun, view.type]);
  const small = "px-1.5! min-h-7! py-0!";
  return (
    <div role="toolbar" aria-label={`Tools of ${label}`} className="nb-tools">
      {mayEdit && (
        <>
          {/* The buttons beside it do the same by keys. */}
          <span
            aria-hidden
            draggable
            className="nb-grip"
            title="Drag to move"
            onDragStart={(event) => {
              const chosen = commands.chosen.includes(id) ? commands.chosen : [id];
              event.dataTransfer.setData(CELLS, JSON.stringify(chosen));
              event.dataTransfer.effectAllowed = "move";
            }}
          >
            <GripVertical className="size-4" />
          </span>
          <Button
            look="quiet"
            className={small}
            aria-label={`Move ${label} up`}
            title="Move up (Alt+↑)"
            onClick={() => commands.move("up", [id])}
          >
            <ArrowUp aria-hidden className="size-4" />
          </Button>
          <Button
            look="quiet"
            className={small}
            aria-label={`Move ${label} down`}
            title="Move down (Alt+↓)"
            onClick={() => commands.move("down", [id])}
          >
            <ArrowDown aria-hidden className="size-4" />
          </Button>
          <Button
            look="quiet"
            className={small}
            aria-label={`Delete ${label}`}
            title="Delete (D then D)"
            onClick={() => commands.remove([id])}
          >
            <Trash2 aria-hidden className="size-4" />
          </Button>
        </>
      )}
      <Menu
        align="end"
        trigger={
          <Button look="quiet" className={small} aria-label={`More of ${label}`}>
            <EllipsisVertical aria-hidden className="size-4" />
          </Button>
        }
        items={items}
      />
    </div>
  );
}
