// What the panel remembers. Foreign input: read with care.

import type { State } from "@/shared/api/types";
import type { Settings } from "@/shared/panels/panel";
import type { Point } from "./geometry";

export const states: readonly State[] = ["queued", "starting", "running", "completed", "failed", "cancelled"];

export type Mode = "data" | "processes";
export type Moved = Readonly<Record<string, readonly [number, number]>>;

export interface FlowSettings {
  /** With data, or processes alone; undefined: by size. */
  mode: Mode | undefined;
  /** Only these states; all when empty. */
  states: readonly State[];
  map: boolean;
  /** Where nodes were dragged to, in each mode. */
  moved: Readonly<Record<Mode, Moved>>;
}

/** A layout on the server has a limit; what was dragged last is kept. */
const MOST_MOVED = 2000;

function movedFrom(value: unknown): Moved {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, [number, number]] =>
        Array.isArray(entry[1]) && entry[1].length === 2 && entry[1].every(Number.isFinite),
    ),
  );
}

export function flowSettings(settings: Settings): FlowSettings {
  const moved = (typeof settings.moved === "object" && settings.moved) || {};
  const wanted = Array.isArray(settings.states) ? settings.states : [];
  return {
    mode: settings.mode === "data" || settings.mode === "processes" ? settings.mode : undefined,
    states: states.filter((state) => wanted.includes(state)),
    map: settings.map !== false,
    moved: {
      data: movedFrom((moved as Record<string, unknown>).data),
      processes: movedFrom((moved as Record<string, unknown>).processes),
    },
  };
}

/** `moved` with one more. */
export function withMoved(moved: Moved, id: string, { x, y }: Point): Moved {
  const { [id]: _before, ...others } = moved;
  const kept = Object.entries(others).slice(-(MOST_MOVED - 1));
  return { ...Object.fromEntries(kept), [id]: [Math.round(x), Math.round(y)] };
}
