// Reads what a plot draws: resolves its sources, finds out what is in them, and asks for values as fine as the
// picture is wide. While finer or newer values are on their way, the old ones stay.

import { useQueries } from "@tanstack/react-query";
import { useRef } from "react";
import { converter } from "@/shared/units/units";
import type { Assignment, Axis } from "../axes";
import { type Loaded, rangeOf, type View } from "../build";
import { elementOf } from "../elements";
import type { ElementSpec, PlotSpec, Slot, Source } from "../spec";
import { sourceKey } from "../spec";
import { newestQuery } from "./source";
import { type Structure, structureQuery } from "./structure";
import { pointsFor, rolesOf, valuesQuery, type Wanted } from "./values";

export interface ElementState {
  structure?: Structure;
  loaded?: Loaded;
  /** It can't be drawn: why. */
  error?: unknown;
  /** It can't be drawn yet: what is to be chosen. */
  lacks?: string;
  pending: boolean;
}

const skipped = { queryKey: ["content", "none"], queryFn: async () => null, enabled: false } as const;

/** Where somebody has zoomed to, in the unit of the element's own x. */
export function ownBounds(
  view: View,
  place: { x: Slot; y: Slot } | undefined,
  axes: readonly Axis[],
  unit: string | null,
): Pick<Wanted, "from" | "to"> {
  const axis = axes.find(({ slot }) => slot === place?.x);
  const range = axis && rangeOf(view, axis);
  if (!range || axis.type === "category") return {};
  const convert = converter(axis.unit, unit);
  const [from, to] = range.map((end) => (typeof end === "number" ? (convert?.(end) ?? end) : end));
  if (from === undefined || to === undefined) return {};
  const swapped = from > to;
  return swapped ? { from: to, to: from } : { from, to };
}

interface Zoom {
  view: View;
  axes: readonly Axis[];
  places: Assignment["places"];
}

export function useLoaded(project: string, spec: PlotSpec, width: number, zoom: Zoom): Map<string, ElementState> {
  const sources = [...new Map(spec.elements.flatMap(({ source }) => (source ? [[sourceKey(source), source]] : [])))];
  const resolved = useQueries({
    queries: sources.map(([, source]) =>
      "data" in source
        ? {
            queryKey: ["content", source.data, "id"],
            queryFn: async () => source.data,
            staleTime: Number.POSITIVE_INFINITY,
          }
        : newestQuery(project, source.process, source.output),
    ),
  });
  const answerOf = (source: Source) => resolved[sources.findIndex(([key]) => key === sourceKey(source))];

  const ids = [...new Set(resolved.flatMap(({ data }) => (data ? [data] : [])))];
  const structures = useQueries({ queries: ids.map((id) => structureQuery(id)) });
  const structureOf = (id: string | undefined) => structures[ids.indexOf(id ?? "")];

  // What was drawn last for the same element and columns.
  const kept = useRef(new Map<string, { signature: string; loaded: Loaded }>());
  const last = useRef(new Map<string, ElementState>());

  const plans = spec.elements.map((element) =>
    planOf(element, structureOf, answerOf, width, zoom, kept.current.get(element.id)?.loaded.total),
  );
  const values = useQueries({
    queries: plans.map((plan) => (plan.wanted && plan.structure ? valuesQuery(plan.structure, plan.wanted) : skipped)),
  });

  const now = new Map<string, ElementState>();
  const drawn: typeof kept.current = new Map();
  spec.elements.forEach((element, index) => {
    const { structure, signature, error, lacks, pending } = plans[index] as Plan;
    const answer = values[index];
    const fresh = (answer?.data ?? undefined) as Loaded | undefined;
    const old = kept.current.get(element.id);
    const loaded = fresh ?? (old && old.signature === signature ? old.loaded : undefined);
    if (loaded && signature) drawn.set(element.id, { signature, loaded });
    const wrong = error ?? answer?.error ?? undefined;
    now.set(element.id, {
      pending: pending || (answer?.fetchStatus === "fetching" && !fresh),
      ...(structure && { structure }),
      ...(loaded && { loaded }),
      ...(wrong !== undefined && { error: wrong }),
      ...(lacks && { lacks }),
    });
  });
  kept.current = drawn;
  // The same map as long as nothing in it changed: a plot is drawn anew for a new one.
  if (!same(last.current, now)) last.current = now;
  return last.current;
}

function same(a: ReadonlyMap<string, ElementState>, b: ReadonlyMap<string, ElementState>): boolean {
  if (a.size !== b.size) return false;
  for (const [id, state] of b) {
    const other = a.get(id);
    const keys = ["structure", "loaded", "error", "lacks", "pending"] as const;
    if (!other || keys.some((key) => other[key] !== state[key])) return false;
  }
  return true;
}

interface Plan {
  structure?: Structure;
  wanted?: Wanted;
  /** Whatever makes old values worthless. */
  signature?: string;
  error?: unknown;
  lacks?: string;
  pending: boolean;
}

type Answer<T> = { data?: T | undefined; error: unknown; isPending: boolean } | undefined;

function planOf(
  element: ElementSpec,
  structureOf: (id: string | undefined) => Answer<Structure>,
  answerOf: (source: Source) => Answer<string>,
  width: number,
  { view, axes, places }: Zoom,
  total: number | undefined,
): Plan {
  const kind = elementOf(element.kind);
  if (!kind || !element.source) return { pending: false, lacks: "Data" };
  const source = answerOf(element.source);
  if (source?.error) return { pending: false, error: source.error };
  const found = structureOf(source?.data);
  if (found?.error) return { pending: false, error: found.error };
  const structure = found?.data;
  if (!structure) return { pending: true };
  if (structure.kind === "none" || (structure.kind === "grid" && kind.reads === "table")) {
    const what = structure.kind === "grid" ? "a grid" : "no table and no grid";
    return { pending: false, structure, error: new Error(`${structure.name} is ${what}, which can't be drawn so`) };
  }
  const roles = rolesOf(kind, element, structure);
  if ("lacks" in roles && typeof roles.lacks === "string") return { pending: false, structure, lacks: roles.lacks };
  const fields = roles as Wanted["roles"];
  const points = pointsFor(kind, width);
  // All rows are there already, or are needed.
  const complete = kind.whole || (total !== undefined && total <= points);
  const bounds = complete ? {} : ownBounds(view, places.get(element.id), axes, fields.x?.unit ?? null);
  const grid = kind.reads === "table or grid";
  const wanted = { roles: fields, grid, points, ...bounds };
  return {
    pending: false,
    structure,
    ...(!element.hidden && width > 0 && { wanted }),
    signature: `${kind.id} ${JSON.stringify(fields)} ${sourceKey(element.source)}`,
  };
}
