import { ChartColumnBig } from "lucide-react";
import { type Columns, finite, numbers, type PlotElement, type Values, valuesOf } from "./element";

/** How often values fall into each of `count` equal steps; the last step has its upper end. */
export function counted(
  list: readonly number[],
  count: number,
): { centres: number[]; counts: number[]; width: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of list) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (list.length === 0) return { centres: [], counts: [], width: 1 };
  const width = most > least ? (most - least) / count : 1;
  const bins = most > least ? count : 1;
  const counts: number[] = new Array(bins).fill(0);
  for (const value of list) {
    const bin = Math.min(bins - 1, Math.floor((value - least) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { centres: counts.map((_, bin) => least + (most > least ? (bin + 0.5) * width : 0)), counts, width };
}

function binned({ x }: Columns, settings: Values): Columns {
  if (!x) return {};
  const list = finite(x.values);
  const { centres, counts, width } = counted(list, Math.round(Number(settings.bins)));
  const density = settings.height === "density";
  const heights = density ? counts.map((count) => count / (list.length * width)) : counts;
  return {
    x: { ...x, values: centres },
    y: { name: density ? "density" : "count", unit: null, type: "number", values: heights },
  };
}

export const histogram: PlotElement = {
  id: "histogram",
  title: "Histogram",
  about: "How often values occur.",
  icon: ChartColumnBig,
  reads: "table",
  whole: true,
  roles: [{ id: "x", title: "Values", types: numbers, on: "x" }],
  settings: [
    { id: "bins", title: "Steps", kind: "number", least: 2, most: 500, step: 1, fallback: 40 },
    {
      id: "height",
      title: "Height",
      kind: "choice",
      options: [
        ["count", "Count"],
        ["density", "Density"],
      ],
      fallback: "count",
    },
  ],
  prepare: binned,
  toTraces: ({ columns, color, theme }) => [
    {
      type: "bar",
      x: valuesOf(columns, "x"),
      y: valuesOf(columns, "y"),
      opacity: 0.85,
      marker: { color, line: { width: 0.5, color: theme.surface } },
    },
  ],
};
