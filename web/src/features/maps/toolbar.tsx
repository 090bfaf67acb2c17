import { ImageDown, Layers, Maximize, Table2 } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/shared/ui/button";

interface Props {
  none: boolean;
  webgl: boolean;
  asTable: boolean;
  side: boolean;
  onTable: () => void;
  onSide: () => void;
  onFit: () => void;
  onPicture: () => void;
  add: ReactNode;
  choose: ReactNode;
}

export function Toolbar({ none, webgl, asTable, side, onTable, onSide, onFit, onPicture, add, choose }: Props) {
  return (
    <div role="toolbar" aria-label="Map" className="flex flex-wrap items-center gap-1 border-b border-line px-2 py-1">
      {add}
      {choose}
      <div className="flex-1" />
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
