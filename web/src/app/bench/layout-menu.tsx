// Which layout is shown, and whether it is saved.

import { useQuery } from "@tanstack/react-query";
import { Check, CloudOff, Copy, LayoutPanelLeft, LoaderCircle, Pencil, RotateCcw, Save, Trash2 } from "lucide-react";
import { useState, useSyncExternalStore } from "react";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Field } from "@/shared/ui/field";
import { Menu, type MenuPart } from "@/shared/ui/menu";
import type { Keeper, Phase } from "./keeper";
import { DEFAULT, layoutsQuery } from "./layouts";

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
        <NameDialog
          title={asking === "save" ? "Save the layout as" : `Rename ${keeper.name}`}
          button={asking === "save" ? "Save" : "Rename"}
          first={asking === "save" ? "" : keeper.name}
          taken={names}
          onClose={() => setAsking(undefined)}
          onName={asking === "save" ? onSaveAs : onRename}
        />
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

interface NameProps {
  title: string;
  button: string;
  first: string;
  taken: readonly string[];
  onClose: () => void;
  onName: (name: string) => Promise<void>;
}

function NameDialog({ title, button, first, taken, onClose, onName }: NameProps) {
  const [name, setName] = useState(first);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={async (event) => {
          event.preventDefault();
          const wanted = name.trim();
          if (wanted === "") return setError("A layout needs a name.");
          if (wanted !== first && taken.includes(wanted)) return setError(`There is a layout ${wanted} already.`);
          setBusy(true);
          try {
            await onName(wanted);
            onClose();
          } catch (problem) {
            setError(problem instanceof Error ? problem.message : String(problem));
            setBusy(false);
          }
        }}
      >
        <Field
          label="Name"
          value={name}
          maxLength={80}
          error={error}
          autoFocus
          onChange={(event) => {
            setName(event.target.value);
            setError(undefined);
          }}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            {button}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
