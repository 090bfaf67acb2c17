import { ArrowDown, ArrowUp, ChevronDown, Eye, EyeOff, type LucideIcon, Trash2 } from "lucide-react";
import { useId } from "react";
import type { ProjectView } from "@/shared/api/types";
import type { Figure } from "../build";
import type { ElementState } from "../data/use-loaded";
import { elementOf } from "../elements";
import type { ElementSpec } from "../spec";
import { useTheme } from "../theme";
import { ElementForm } from "./element-form";
import type { Plot } from "./use-plot";

interface Props {
  project: ProjectView;
  element: ElementSpec;
  index: number;
  last: number;
  state: ElementState | undefined;
  figure: Figure;
  open: boolean;
  onOpen: () => void;
  onMove: (by: number) => void;
  onRemove: () => void;
  onReplace: () => void;
  onChange: Plot["changeElement"];
}

/** One element: its name opens the form, the buttons order, hide and remove it. */
export function ElementItem(props: Props) {
  const { element, index, last, state, figure, open, onOpen, onMove, onRemove, onChange } = props;
  const id = useId();
  const theme = useTheme();
  const kind = elementOf(element.kind);
  const drawn = figure.drawn.find((one) => one.id === element.id);
  const name = element.name ?? drawn?.name ?? element.columns.y ?? state?.structure?.name ?? "New element";
  const wrong = state?.error !== undefined || state?.lacks !== undefined || figure.left.has(element.id);
  const Icon = kind?.icon;
  return (
    <li className="rounded-md border border-line">
      <div className="flex items-center">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={onOpen}
          className="flex min-h-9 min-w-0 flex-1 items-center gap-2 rounded-md px-2 text-left text-sm hover:bg-hover"
        >
          {Icon && (
            <Icon
              aria-hidden
              className="size-4 shrink-0"
              style={{ color: theme.series[(element.color ?? index) % theme.series.length] }}
            />
          )}
          <span className={`min-w-0 flex-1 truncate ${element.hidden ? "text-muted line-through" : ""}`}>{name}</span>
          {wrong && <span className="text-danger">not drawn</span>}
          <ChevronDown aria-hidden className={`size-4 shrink-0 text-muted ${open ? "rotate-180" : ""}`} />
        </button>
        <ItemButton icon={ArrowUp} label={`Move ${name} up`} disabled={index === 0} onClick={() => onMove(-1)} />
        <ItemButton icon={ArrowDown} label={`Move ${name} down`} disabled={index === last} onClick={() => onMove(1)} />
        <ItemButton
          icon={element.hidden ? EyeOff : Eye}
          label={element.hidden ? `Show ${name}` : `Hide ${name}`}
          onClick={() =>
            onChange(element.hidden ? "Showing again" : "Hiding", element.id, ({ hidden, ...rest }) =>
              hidden ? rest : { ...rest, hidden: true },
            )
          }
        />
        <ItemButton icon={Trash2} label={`Remove ${name}`} onClick={onRemove} />
      </div>
      <div id={id} hidden={!open} className="border-t border-line p-2.5">
        {open && <ElementForm {...props} />}
      </div>
    </li>
  );
}

interface ButtonProps {
  icon: LucideIcon;
  label: string;
  disabled?: boolean;
  onClick: () => void;
}

function ItemButton({ icon: Icon, label, disabled = false, onClick }: ButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
      className="grid size-7 shrink-0 place-content-center rounded text-muted hover:bg-hover disabled:opacity-40"
    >
      <Icon aria-hidden className="size-4" />
    </button>
  );
}
