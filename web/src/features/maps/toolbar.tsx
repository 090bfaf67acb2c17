import { ImageDown, Layers, Maximize, Save, Table2 } from "lucide-react";
import type { ReactNode } from "react";
import type { MenuItem } from "@/shared/panels/panel";
import { Button } from "@/shared/ui/button";
import { Menu, type MenuPart } from "@/shared/ui/menu";

interface Props {
  none: boolean;
  webgl: boolean;
  asTable: boolean;
  side: boolean;
  onTable: () => void;
  onSide: () => void;
  onFit: () => void;
  onPicture: () => void;
  /** The name of the figure that is shown. */
  title: string | undefined;
  /** It was changed since it was saved. */
  dirty: boolean;
  figures: readonly MenuItem[];
  add: ReactNode;
  choose: ReactNode;
}

export function Toolbar({
  none,
  webgl,
  asTable,
  side,
  onTable,
  onSide,
  onFit,
  onPicture,
  title,
  dirty,
  figures,
  add,
  choose,
}: Props) {
  return (
    <div role="toolbar" aria-label="Map" className="flex flex-wrap items-center gap-1 border-b border-line px-2 py-1">
      {add}
      {choose}
      <Menu
        items={figures as MenuPart[]}
        trigger={
          <Button look="quiet" aria-label="Figure">
            <Save aria-hidden className="size-4" />
            <span className="@max-lg:sr-only">Figure</span>
          </Button>
        }
      />
      <p className="min-w-0 flex-1 truncate px-1 text-sm text-muted">
        {title}
        {dirty && " (changed)"}
      </p>
      <Tool
        name="Fit all layers"
        off={none || asTable || !webgl}
        run={onFit}
        icon={<Maximize aria-hidden className="size-4" />}
      />
      <Tool
        name="Save as PNG"
        off={none || asTable || !webgl}
        run={onPicture}
        icon={<ImageDown aria-hidden className="size-4" />}
      />
      <Tool
        name="Show as table"
        on={asTable}
        off={none}
        run={onTable}
        icon={<Table2 aria-hidden className="size-4" />}
      />
      <Tool name="Layers" on={side && !none} off={none} run={onSide} icon={<Layers aria-hidden className="size-4" />} />
    </div>
  );
}

function Tool({
  name,
  icon,
  on,
  off,
  run,
}: {
  name: string;
  icon: ReactNode;
  on?: boolean;
  off: boolean;
  run: () => void;
}) {
  return (
    <Button
      look="quiet"
      aria-label={name}
      title={name}
      aria-pressed={on}
      disabled={off}
      onClick={run}
      className="px-2! aria-pressed:bg-accent-soft aria-pressed:text-accent"
    >
      {icon}
    </Button>
  );
}
