import { Database, Funnel, Maximize, Search, X, ZoomIn, ZoomOut } from "lucide-react";
import type { RefObject } from "react";
import type { State } from "@/shared/api/types";
import { buttonClass } from "@/shared/ui/button";
import { inputClass } from "@/shared/ui/field";
import { Menu } from "@/shared/ui/menu";
import { stateWord } from "@/shared/ui/state";
import { Tooltip } from "@/shared/ui/tooltip";
import { type Mode, states } from "./settings";

interface Props {
  search: string;
  onSearch: (search: string) => void;
  searchRef: RefObject<HTMLInputElement | null>;
  /** How many were found, and which of them one is at, from 1. */
  found: { count: number; at: number } | undefined;
  onNext: (back: boolean) => void;
  /** From the search to what was found. */
  onInto: () => void;
  chosen: readonly State[];
  counts: ReadonlyMap<State, number>;
  onStates: (states: readonly State[]) => void;
  mode: Mode;
  onMode: (mode: Mode) => void;
  onZoom: (change: "in" | "out" | "fit") => void;
}

const iconButton = buttonClass("quiet", "px-2!");

export function Toolbar(props: Props) {
  const { search, onSearch, searchRef, found, onNext, onInto, chosen, counts, onStates, mode, onMode, onZoom } = props;
  return (
    <div className="flex flex-wrap items-center gap-1 border-b border-line bg-surface p-1.5">
      <search className="relative min-w-36 flex-1 basis-48">
        <Search aria-hidden className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-muted" />
        <input
          ref={searchRef}
          type="text"
          className={`${inputClass} pl-8!`}
          aria-label="Find a process or data"
          placeholder="Find a process or data"
          value={search}
          onChange={(event) => onSearch(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") onNext(event.shiftKey);
            else if (event.key === "ArrowDown") onInto();
            else if (event.key === "Escape" && search !== "") onSearch("");
            else return;
            event.preventDefault();
            event.stopPropagation();
          }}
        />
        {found && (
          <span className="absolute top-1.5 right-1.5 flex items-center gap-1 rounded bg-surface pl-1 text-sm text-muted">
            <span role="status">
              {found.count === 0 ? "none" : found.at > 0 ? `${found.at} of ${found.count}` : `${found.count} found`}
            </span>
            <button
              type="button"
              aria-label="Clear the search"
              className="rounded p-0.5 hover:bg-hover"
              onClick={() => {
                onSearch("");
                searchRef.current?.focus();
              }}
            >
              <X aria-hidden className="size-4" />
            </button>
          </span>
        )}
      </search>
      <Menu
        trigger={
          <button type="button" className={buttonClass(chosen.length > 0 ? "plain" : "quiet")}>
            <Funnel aria-hidden className="size-4" />
            {chosen.length === 0 ? "All states" : chosen.length === 1 ? stateWord(chosen[0] as State) : "Some states"}
          </button>
        }
        items={[
          ...states.map((state) => ({
            id: state,
            label: `${stateWord(state)} (${counts.get(state) ?? 0})`,
            checked: chosen.includes(state),
            run: () => onStates(chosen.includes(state) ? chosen.filter((one) => one !== state) : [...chosen, state]),
          })),
          "line" as const,
          { id: "all", label: "All states", disabled: chosen.length === 0, run: () => onStates([]) },
        ]}
      />
      <button
        type="button"
        className={`${buttonClass("quiet")} aria-pressed:bg-accent-soft`}
        aria-pressed={mode === "data"}
        onClick={() => onMode(mode === "data" ? "processes" : "data")}
      >
        <Database aria-hidden className="size-4" />
        Data
      </button>
      <span className="ml-auto flex">
        <Tooltip text="Zoom out" keys="-">
          <button type="button" className={iconButton} aria-label="Zoom out" onClick={() => onZoom("out")}>
            <ZoomOut aria-hidden className="size-4" />
          </button>
        </Tooltip>
        <Tooltip text="Zoom in" keys="+">
          <button type="button" className={iconButton} aria-label="Zoom in" onClick={() => onZoom("in")}>
            <ZoomIn aria-hidden className="size-4" />
          </button>
        </Tooltip>
        <Tooltip text="Show everything" keys="1">
          <button type="button" className={iconButton} aria-label="Show everything" onClick={() => onZoom("fit")}>
            <Maximize aria-hidden className="size-4" />
          </button>
        </Tooltip>
      </span>
    </div>
  );
}
