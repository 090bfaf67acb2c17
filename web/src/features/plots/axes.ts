// Which element goes on which axis: quantities that can be converted into each other share one, in the unit of the
// first; a further quantity takes the next free axis; what finds no place is left out, with the reason.

import { convertible, dimensionOf } from "@/shared/units/units";
import type { Column } from "./elements/element";
import { type AxisSpec, type Slot, type XSlot, xSlots, type YSlot, ySlots } from "./spec";
import { withUnit } from "./words";

export interface Wish {
  id: string;
  x: Column;
  y: Column;
  /** The y axis it was put on by hand. */
  axis?: YSlot | undefined;
  logarithmic: { x?: boolean; y?: boolean };
}

export interface Axis {
  slot: Slot;
  /** What may lie on it. */
  dimension: string;
  unit: string | null;
  title: string;
  type: "linear" | "log" | "date" | "category";
  reversed: boolean;
  range?: AxisSpec["range"];
}

export interface Assignment {
  axes: Axis[];
  places: Map<string, { x: XSlot; y: YSlot }>;
  /** Why an element is not drawn. */
  left: Map<string, string>;
}

/** Times and words are quantities of their own. */
const kindOf = ({ type, unit }: Column): string => (type === "number" ? dimensionOf(unit) : type);

interface Lane {
  slot: Slot;
  dimension: string;
  members: Column[];
  logarithmic: boolean;
  byHand: boolean;
}

function place(lanes: Lane[], slots: readonly Slot[], column: Column, log: boolean, wanted?: Slot): Slot | null {
  const dimension = kindOf(column);
  const join = (lane: Lane) => {
    lane.members.push(column);
    return lane.slot;
  };
  const open = (slot: Slot) => {
    lanes.push({ slot, dimension, members: [column], logarithmic: log, byHand: slot === wanted });
    return slot;
  };
  if (wanted) {
    const lane = lanes.find(({ slot }) => slot === wanted);
    if (!lane) return open(wanted);
    if (lane.dimension === dimension) return join(lane);
  }
  const same = lanes.filter((lane) => lane.dimension === dimension);
  // An axis that was chosen for one element is not taken for the others as long as there is another.
  const shared = same.find(({ byHand }) => !byHand);
  if (shared) return join(shared);
  const free = slots.find((slot) => !lanes.some((lane) => lane.slot === slot));
  if (free) return open(free);
  return same[0] ? join(same[0]) : null;
}

const many = (members: readonly Column[]) => [...new Set(members.map(({ name }) => name).filter(Boolean))];

/** The names of what lies on it, when they are few, and the unit. */
function titleOf(members: readonly Column[], unit: string | null): string {
  const names = many(members);
  return names.length > 2 ? (unit ?? "") : withUnit(names.join(", "), unit);
}

function finish(lane: Lane, spec: AxisSpec = {}): Axis {
  const first = lane.members[0]?.unit ?? null;
  const unit = spec.unit && convertible(first, spec.unit) ? spec.unit : first;
  const numeric = lane.dimension !== "time" && lane.dimension !== "other";
  const log = spec.scale ? spec.scale === "log" : lane.logarithmic;
  return {
    slot: lane.slot,
    dimension: lane.dimension,
    unit,
    title: spec.title ?? titleOf(lane.members, unit),
    type: numeric ? (log ? "log" : "linear") : lane.dimension === "time" ? "date" : "category",
    reversed: spec.reversed ?? false,
    ...(spec.range && { range: spec.range }),
  };
}

/** Changes whenever the ends of what was shown mean nothing any more. */
export const axisKey = ({ slot, dimension, unit, type }: Axis): string => [slot, dimension, unit, type].join(" ");

const ordered: readonly Slot[] = [...xSlots, ...ySlots];

export function assign(wishes: readonly Wish[], specs: Readonly<Partial<Record<Slot, AxisSpec>>> = {}): Assignment {
  const [across, up]: [Lane[], Lane[]] = [[], []];
  const places: Assignment["places"] = new Map();
  const left: Assignment["left"] = new Map();
  // Those put somewhere by hand come first, so that nothing else takes their axis.
  for (const wish of [...wishes.filter(({ axis }) => axis), ...wishes.filter(({ axis }) => !axis)]) {
    const { id, x, y, axis, logarithmic } = wish;
    const full = (slots: readonly Slot[], column: Column, what: string) =>
      `${withUnit(column.name, column.unit)} fits on none of the ${slots.length} ${what} axes`;
    const xSlot = place(across, xSlots, x, logarithmic.x ?? false);
    if (!xSlot) {
      left.set(id, full(xSlots, x, "horizontal"));
      continue;
    }
    const ySlot = place(up, ySlots, y, logarithmic.y ?? false, axis);
    if (ySlot) places.set(id, { x: xSlot as XSlot, y: ySlot as YSlot });
    else left.set(id, full(ySlots, y, "vertical"));
  }
  const axes = [...across, ...up]
    .map((lane) => finish(lane, specs[lane.slot]))
    .sort((a, b) => ordered.indexOf(a.slot) - ordered.indexOf(b.slot));
  return { axes, places, left };
}
