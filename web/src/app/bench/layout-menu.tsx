// Which layout is shown, and whether it is saved.

import { useQuery } from "@tanstack/react-query";
import { Check, CloudOff, Copy, LayoutPanelLeft, LoaderCircle, Pencil, RotateCcw, Save, Trash2 } from "lucide-react";
import { lazy, Suspense, useState, useSyncExternalStore } from "react";
import { Button } from "@/shared/ui/button";
import { Menu, type MenuPart } from "@/shared/ui/menu";
import type { Keeper, Phase } from "./keeper";
import { DEFAULT, layoutsQuery } from "./layouts";

const NameDialog = lazy(() => import("./name-dialog"));

interface Props {
  project: string;
  keeper: Keeper;
  /** Names that are to be deleted and still wait for an Undo. */
  hidden: ReadonlySet<string>;
  onOpen: (name: string) => void;
  onSaveAs: (name: string) => Promise<void>;
  onRename: (name: string) => Promise<void>;
  onDelete: () => void;
  onReset: () => void;
  onCopy: () => void;
}

export function LayoutMenu({ project, keeper, hidden, onOpen, onSaveAs, onRename, onDelete, onReset, onCopy }: Props) {
  const phase = useSyncExternalStore(keeper.watch, () => keeper.phase);
  const [asking, setAsking] = useState<"save" | "rename">();
  const saved = useQuery(layoutsQuery(project)).data ?? [];
  const names = [...new Set([DEFAULT, keeper.name, ...saved.map(({ name }) => name)])].filter(
    (name) => !hidden.has(name),
  );
  const items: MenuPart[] = [
    { heading: "Layouts" },
    ...names.map((name) => ({
      id: `open ${name}`,
      label: name,
      checked: name === keeper.name,
      run: () => onOpen(name),
    })),
    "line",
    { id: "save", label: "Save as…", icon: Save, run: () => setAsking("save") },
    { id: "rename", label: "Rename…", icon: Pencil, disabled: keeper.name === DEFAULT, run: () => setAsking("rename") },
    { id: "copy", label: "Copy as text", icon: Copy, run: onCopy },
    { id: "reset", label: "Reset to the default", icon: RotateCcw, run: onReset },
    {
      id: "delete",
      label: "Delete",
      icon: Trash2,
      danger: true,
      disabled: keeper.name === DEFAULT,
      run: onDelete,
    },
  ];
  return (
    <>
      <Menu
        items={items}
        trigger={
          <Button look="quiet" aria-label={`Layout ${keeper.name}; choose another`}>
            <LayoutPanelLeft aria-hidden className="size-4" />
            <span className="max-w-48 truncate">{keeper.name}</span>
          </Button>
        }
      />
      <SavedMark phase={phase} />
      {asking && (
        <Suspense>
          <NameDialog
            title={asking === "save" ? "Save the layout as" : `Rename ${keeper.name}`}
            button={asking === "save" ? "Save" : "Rename"}
            first={asking === "save" ? "" : keeper.name}
            taken={names}
            onClose={() => setAsking(undefined)}
            onName={asking === "save" ? onSaveAs : onRename}
          />
        </Suspense>
      )}
    </>
  );
}

const words: Record<Phase, string> = {
  saved: "Saved",
  waiting: "Saving…",
  saving: "Saving…",
  away: "Not saved yet: the server can't be reached",
  conflict: "Not saved: it was changed elsewhere",
  refused: "Not saved",
};

function SavedMark({ phase }: { phase: Phase }) {
  const Icon = phase === "saved" ? Check : phase === "waiting" || phase === "saving" ? LoaderCircle : CloudOff;
  const bad = Icon === CloudOff;
  return (
    <span
      role="status"
      data-phase={phase}
      className={`inline-flex items-center gap-1.5 text-xs ${bad ? "text-warn" : "text-muted"}`}
    >
      <Icon aria-hidden className={`size-3.5 ${Icon === LoaderCircle ? "animate-spin" : ""}`} />
      <span className={bad ? "" : "max-md:sr-only"}>{words[phase]}</span>
    </span>
  );
}
