import {
  Braces,
  ChevronDown,
  Code,
  HardDrive,
  History,
  LayoutList,
  MessageSquare,
  Play,
  RotateCcw,
  Shapes,
  Square,
  Type,
} from "lucide-react";
import { useSyncExternalStore } from "react";
import { Button } from "@/shared/ui/button";
import { Menu } from "@/shared/ui/menu";
import { useActive } from "./cells/focus";
import { useOpen } from "./context";
import { KernelChip } from "./kernel-chip";
import { useKernelState } from "./model/store";
import { Presence } from "./presence";
import { SaveState } from "./save-state";
import type { SidePart } from "./side/side";

export type View = "list" | "canvas";

interface Props {
  view: View;
  onView: (view: View) => void;
  onRestart: () => void;
  side: SidePart | undefined;
  onSide: (side: SidePart | undefined) => void;
}

export function ToolBar({ view, onView, onRestart, side, onSide }: Props) {
  const { session, focus, commands, mayEdit, mayRun } = useOpen();
  const state = useSyncExternalStore(session.provider.watch, () => session.provider.state);
  const kernel = useKernelState(session.store);
  const small = "px-2!";
  const active = useActive(focus);
  const here = () => active;
  return (
    <div
      role="toolbar"
      aria-label="Notebook"
      className="flex flex-wrap items-center gap-x-1 gap-y-1 border-b border-line px-2 py-1"
    >
      {mayEdit && (
        <>
          <Button
            look="quiet"
            className={small}
            title="Add a code cell (B)"
            onClick={() => commands.add("below", "code", true)}
          >
            <Code aria-hidden className="size-4" />
            Code
          </Button>
          <Button
            look="quiet"
            className={small}
            title="Add a Markdown cell"
            onClick={() => commands.add("below", "markdown", true)}
          >
            <Type aria-hidden className="size-4" />
            Markdown
          </Button>
        </>
      )}
      {mayRun && (
        <>
          <Menu
            trigger={
              <Button look="quiet" className={small}>
                <Play aria-hidden className="size-4" />
                Run
                <ChevronDown aria-hidden className="size-3.5" />
              </Button>
            }
            items={[
              { id: "cell", label: "This cell", keys: "mod+Enter", disabled: !here(), run: () => commands.run("stay") },
              { id: "to", label: "Up to here", disabled: !here(), run: () => void commands.runWhat("to", here()) },
              { id: "from", label: "From here", disabled: !here(), run: () => void commands.runWhat("from", here()) },
              {
                id: "tissue",
                label: "This section",
                disabled: !here(),
                run: () => void commands.runWhat("tissue", here()),
              },
              {
                id: "graph",
                label: "Along the edges from here",
                disabled: !here(),
                run: () => void commands.runWhat("graph", here()),
              },
              "line",
              { id: "stale", label: "What is out of date", run: () => void commands.runWhat("stale") },
              { id: "all", label: "All", run: () => void commands.runWhat("all") },
            ]}
          />
          <Button
            look="quiet"
            className={small}
            aria-label="Interrupt the kernel"
            title="Interrupt (I then I)"
            disabled={kernel.state !== "busy"}
            onClick={() => void commands.interrupt()}
          >
            <Square aria-hidden className="size-4" />
          </Button>
          <Button
            look="quiet"
            className={small}
            aria-label="Restart the kernel"
            title="Restart (0 then 0)"
            disabled={kernel.state === "none"}
            onClick={onRestart}
          >
            <RotateCcw aria-hidden className="size-4" />
          </Button>
        </>
      )}
      <div className="ml-auto flex flex-wrap items-center gap-x-3 gap-y-1">
        <Presence />
        <SaveState state={state} />
        <KernelChip onRestart={onRestart} />
        <ViewSwitch view={view} onView={onView} />
        <fieldset className="flex rounded-md border border-line" aria-label="Beside the cells">
          {(
            [
              ["variables", "Variables", Braces],
              ["comments", "Comments", MessageSquare],
              ["versions", "Versions", History],
              ["storage", "Storage", HardDrive],
            ] as const
          ).map(([id, word, Icon]) => (
            <button
              key={id}
              type="button"
              aria-pressed={side === id}
              aria-label={word}
              title={word}
              className="inline-flex min-h-8 items-center px-2 first:rounded-l-md last:rounded-r-md hover:bg-hover aria-pressed:bg-accent-soft"
              onClick={() => onSide(side === id ? undefined : id)}
            >
              <Icon aria-hidden className="size-4" />
            </button>
          ))}
        </fieldset>
      </div>
    </div>
  );
}

function ViewSwitch({ view, onView }: Pick<Props, "view" | "onView">) {
  return (
    <fieldset className="flex rounded-md border border-line" aria-label="View">
      {(
        [
          ["list", "List", LayoutList],
          ["canvas", "Canvas", Shapes],
        ] as const
      ).map(([id, word, Icon]) => (
        <button
          key={id}
          type="button"
          aria-pressed={view === id}
          aria-label={word}
          title={word}
          className="inline-flex min-h-8 items-center px-2 first:rounded-l-md last:rounded-r-md hover:bg-hover aria-pressed:bg-accent-soft"
          onClick={() => onView(id)}
        >
          <Icon aria-hidden className="size-4" />
        </button>
      ))}
    </fieldset>
  );
}
