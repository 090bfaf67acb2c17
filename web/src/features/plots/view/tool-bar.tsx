import {
  Download,
  FileChartLine,
  Lasso,
  type LucideIcon,
  Move,
  Plus,
  Settings2,
  Sheet,
  SquareDashedMousePointer,
  ZoomIn,
} from "lucide-react";
import type { MenuItem } from "@/shared/panels/panel";
import { Button, buttonClass } from "@/shared/ui/button";
import { Menu, type MenuPart } from "@/shared/ui/menu";

/** What dragging over the plot does, by Plotly's words. */
export type Drag = "zoom" | "pan" | "select" | "lasso";

const drags: Record<Drag, { label: string; icon: LucideIcon }> = {
  zoom: { label: "Zoom", icon: ZoomIn },
  pan: { label: "Move", icon: Move },
  select: { label: "Pick rows in a box", icon: SquareDashedMousePointer },
  lasso: { label: "Pick rows with a lasso", icon: Lasso },
};

interface Props {
  title: string | undefined;
  dirty: boolean;
  setUp: boolean;
  table: boolean;
  drag: Drag;
  onDrag: (drag: Drag) => void;
  onAdd: () => void;
  onToggle: (key: "setUp" | "table", value: boolean) => void;
  figures: readonly MenuItem[];
  exports: readonly MenuItem[];
}

const words = "hidden @2xl:inline";

export function ToolBar({ title, dirty, setUp, table, drag, onDrag, onAdd, onToggle, figures, exports }: Props) {
  const DragIcon = drags[drag].icon;
  return (
    <div role="toolbar" aria-label="Plot" className="flex flex-wrap items-center gap-1 border-b border-line px-2 py-1">
      <p className="min-w-0 flex-1 truncate px-1 text-sm">
        <span className="font-medium">{title ?? "New plot"}</span>
        {dirty && <span className="text-muted"> · not saved</span>}
      </p>
      <Button look="quiet" onClick={onAdd} aria-label="Add data">
        <Plus aria-hidden className="size-4" />
        <span className={words}>Add</span>
      </Button>
      <Menu
        align="end"
        items={[
          { heading: "Dragging over the plot" },
          ...(Object.entries(drags) as [Drag, (typeof drags)[Drag]][]).map(([id, { label }]) => ({
            id,
            label,
            checked: id === drag,
            run: () => onDrag(id),
          })),
        ]}
        trigger={
          <button type="button" className={buttonClass("quiet")} aria-label={`Dragging: ${drags[drag].label}`}>
            <DragIcon aria-hidden className="size-4" />
          </button>
        }
      />
      <Button
        look="quiet"
        aria-label="Show as table"
        aria-pressed={table}
        className="aria-pressed:bg-accent-soft"
        onClick={() => onToggle("table", !table)}
      >
        <Sheet aria-hidden className="size-4" />
        <span className={words}>Table</span>
      </Button>
      <Menu
        align="end"
        items={figures as MenuPart[]}
        trigger={
          <button type="button" className={buttonClass("quiet")} aria-label="Figure: save and open">
            <FileChartLine aria-hidden className="size-4" />
            <span className={words}>Figure</span>
          </button>
        }
      />
      <Menu
        align="end"
        items={exports as MenuPart[]}
        trigger={
          <button type="button" className={buttonClass("quiet")} aria-label="Export and import">
            <Download aria-hidden className="size-4" />
            <span className={words}>Export</span>
          </button>
        }
      />
      <Button
        look="quiet"
        aria-label="Set up"
        aria-pressed={setUp}
        className="aria-pressed:bg-accent-soft"
        onClick={() => onToggle("setUp", !setUp)}
      >
        <Settings2 aria-hidden className="size-4" />
        <span className={words}>Set up</span>
      </Button>
    </div>
  );
}
