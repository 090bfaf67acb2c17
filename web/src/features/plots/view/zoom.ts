import { axisKey } from "../axes";
import type { Figure, Range, View } from "../build";

type Ends = readonly [unknown, unknown] | null;

/** The view after Plotly told new ends of some axes: logarithmic ones by their power of ten, times without a zone. */
export function zoomTo(
  before: View,
  ranges: Readonly<Record<string, Ends>>,
  { axes, names }: Pick<Figure, "axes" | "names">,
): View {
  const next: Record<string, { of: string; range: Range }> = { ...before };
  for (const axis of axes) {
    const told = ranges[names.get(axis.slot) ?? ""];
    if (told === undefined) continue;
    const ends = told?.map((end) => place(end, axis.type));
    if (!ends || ends.some((end) => end === undefined)) delete next[axis.slot];
    else next[axis.slot] = { of: axisKey(axis), range: ends as unknown as Range };
  }
  return next;
}

function place(end: unknown, type: string): number | string | undefined {
  if (type === "category") return undefined;
  if (type === "date") {
    const text = typeof end === "number" ? end : `${String(end).replace(" ", "T")}`;
    const instant =
      typeof text === "number" ? text : Date.parse(/T/.test(text) && !/Z$/.test(text) ? `${text}Z` : text);
    return Number.isNaN(instant) ? undefined : new Date(instant).toISOString();
  }
  const value = Number(end);
  if (!Number.isFinite(value)) return undefined;
  return type === "log" ? 10 ** value : value;
}
