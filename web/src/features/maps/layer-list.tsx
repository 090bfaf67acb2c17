import {
  ArrowDown,
  ArrowUp,
  ChevronRight,
  Eye,
  EyeOff,
  Focus,
  LoaderCircle,
  Trash2,
  TriangleAlert,
} from "lucide-react";
import type { ReactNode } from "react";
import { sentence } from "@/shared/api/problem";
import { plural } from "@/shared/lib/format";
import { boundsOf, type Entry } from "./entries";
import { LayerForm } from "./layer-form";
import { kindWord, type MapLayer } from "./model";

export interface LayerActions {
  onChange: (id: string, change: Partial<MapLayer>, title: string) => void;
  onMove: (id: string, by: number) => void;
  onRemove: (id: string) => void;
  onZoom: (entry: Entry) => void;
  onOpen: (id: string | undefined) => void;
}

interface Props extends LayerActions {
  entries: readonly Entry[];
  /** The layer whose form is open; it is also the one whose rows are walked through. */
  open: string | undefined;
}

/** The layers, the uppermost first, each with its form. */
export function LayerList({ entries, open, ...actions }: Props) {
  return (
    <ul aria-label="Layers" className="space-y-1.5">
      {[...entries].reverse().map((entry, index) => (
        <LayerItem
          key={entry.layer.id}
          entry={entry}
          open={entry.layer.id === open}
          top={index === 0}
          bottom={index === entries.length - 1}
          {...actions}
        />
      ))}
    </ul>
  );
}

interface ItemProps extends LayerActions {
  entry: Entry;
  open: boolean;
  top: boolean;
  bottom: boolean;
}

function LayerItem({ entry, open, top, bottom, onChange, onMove, onRemove, onZoom, onOpen }: ItemProps) {
  const { layer } = entry;
  const { id, name, visible } = layer;
  return (
    <li className="card" data-layer={id}>
      <div className="flex items-center gap-0.5 p-1">
        <button
          type="button"
          className="flex min-h-8 min-w-0 flex-1 items-center gap-1.5 rounded px-1 text-left text-sm hover:bg-hover"
          aria-expanded={open}
          onClick={() => onOpen(open ? undefined : id)}
        >
          <ChevronRight aria-hidden className={`size-4 shrink-0 text-muted ${open ? "rotate-90" : ""}`} />
          <span className={`min-w-0 truncate font-medium ${visible ? "" : "text-muted line-through"}`}>{name}</span>
        </button>
        <Tool
          name={visible ? `Hide ${name}` : `Show ${name}`}
          run={() => onChange(id, { visible: !visible }, visible ? `Hiding of ${name}` : `Showing of ${name}`)}
        >
          {visible ? <Eye aria-hidden className="size-4" /> : <EyeOff aria-hidden className="size-4" />}
        </Tool>
        <Tool name={`Zoom to ${name}`} off={!boundsOf(entry)} run={() => onZoom(entry)}>
          <Focus aria-hidden className="size-4" />
        </Tool>
      </div>
      <Status entry={entry} onOpen={() => onOpen(id)} />
      {open && (
        <div className="space-y-3 border-t border-line p-2.5">
          <LayerForm entry={entry} onChange={(change, title) => onChange(id, change, title)} />
          <div className="flex justify-end gap-0.5 border-t border-line pt-1.5">
            <Tool name={`Move ${name} up`} off={top} run={() => onMove(id, 1)}>
              <ArrowUp aria-hidden className="size-4" />
            </Tool>
            <Tool name={`Move ${name} down`} off={bottom} run={() => onMove(id, -1)}>
              <ArrowDown aria-hidden className="size-4" />
            </Tool>
            <Tool name={`Remove ${name}`} run={() => onRemove(id)}>
              <Trash2 aria-hidden className="size-4" />
            </Tool>
          </div>
        </div>
      )}
    </li>
  );
}

function Tool({
  name,
  off = false,
  run,
  children,
}: {
  name: string;
  off?: boolean;
  run: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      aria-label={name}
      title={name}
      disabled={off}
      onClick={run}
      className="grid size-8 shrink-0 place-items-center rounded hover:bg-hover disabled:opacity-40"
    >
      {children}
    </button>
  );
}

/** What a layer is, or what it waits for. */
function Status({ entry, onOpen }: { entry: Entry; onOpen: () => void }) {
  const { layer, plan, drawing, error, source } = entry;
  if (error) {
    return (
      <p role="alert" className="flex gap-1.5 px-2.5 pb-2 text-sm text-danger wrap-anywhere">
        <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
        {sentence(error)}
      </p>
    );
  }
  if (plan?.need) {
    return (
      <p role="status" className="flex gap-1.5 px-2.5 pb-2 text-sm text-warn">
        <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
        <button type="button" className="text-left underline" onClick={onOpen}>
          {plan.need.text}
        </button>
      </p>
    );
  }
  if (!drawing || !source) {
    return (
      <p role="status" className="flex items-center gap-1.5 px-2.5 pb-2 text-sm text-muted">
        <LoaderCircle aria-hidden className="size-4 animate-spin" />
        Loading…
      </p>
    );
  }
  const lost = drawing.kind === "features" ? drawing.shapes.lost : 0;
  const size = source.grid ? `${source.grid.x.length} × ${source.grid.y.length} nodes` : plural(source.rows, "row");
  return (
    <p className="px-2.5 pb-1.5 text-xs text-muted">
      {kindWord[layer.kind]}, {size}
      {plan?.crs && `, ${plan.crs.id.startsWith("EPSG") ? plan.crs.id : plan.crs.title}`}
      {lost > 0 && `; ${lost.toLocaleString()} without a place`}
    </p>
  );
}
