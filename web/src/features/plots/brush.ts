// Which rows an area on the plot holds. Plotly finds only marks itself; ours are also the rows along lines.

import type { Figure } from "./build";
import type { Brush } from "./canvas";
import type { Slot } from "./spec";

/** A place on an axis as a number: times by their instant, words by nothing. */
function position(value: unknown, date: boolean): number {
  if (typeof value === "number") return value;
  if (!date || typeof value !== "string") return Number.NaN;
  // Plotly writes times without a zone; ours are UTC as well.
  const zoned = /Z|[+-]\d\d:?\d\d$/.test(value);
  const text = value.replace(" ", "T");
  return Date.parse(zoned || text.length <= 10 ? text : `${text}Z`);
}

/** Even-odd: a point is inside when a ray from it crosses the edge an odd number of times. */
export function inPolygon(x: number, y: number, xs: readonly number[], ys: readonly number[]): boolean {
  let inside = false;
  for (let i = 0, j = xs.length - 1; i < xs.length; j = i, i += 1) {
    const [xi, yi, xj, yj] = [xs[i], ys[i], xs[j], ys[j]] as [number, number, number, number];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** The rows in the area, of the one data set that has most there: a selection is of one. */
export function brushed(brush: Brush, figure: Pick<Figure, "drawn" | "axes" | "names">) {
  const byData = new Map<string, Set<number>>();
  for (const { data, row, x, y, axes } of figure.drawn) {
    const name = (slot: Slot) => figure.names.get(slot) ?? slot;
    const is = (slot: Slot) => figure.axes.find((axis) => axis.slot === slot)?.type;
    const [xDate, yLog, xLog] = [is(axes.x) === "date", is(axes.y) === "log", is(axes.x) === "log"];
    const area = brush.range ?? brush.lassoPoints;
    const ends = (slot: Slot, date: boolean) => area?.[name(slot)]?.map((end) => position(end, date));
    const [xs, ys] = [ends(axes.x, xDate), ends(axes.y, false)];
    if (!xs || !ys) continue;
    // A polygon is straight where it was drawn, which on a logarithmic axis is not where its values are.
    const flat = (value: number, log: boolean) => (log ? Math.log10(value) : value);
    const [px, py] = [xs.map((value) => flat(value, xLog)), ys.map((value) => flat(value, yLog))];
    const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    row.forEach((number, at) => {
      const [a, b] = [position(x.values[at], xDate), position(y.values[at], false)];
      const inside = brush.range
        ? a >= left && a <= right && b >= low && b <= high
        : inPolygon(flat(a, xLog), flat(b, yLog), px, py);
      if (inside) byData.set(data, (byData.get(data) ?? new Set()).add(number));
    });
  }
  const [best] = [...byData].sort(([, a], [, b]) => b.size - a.size);
  return best ? { data: best[0], rows: [...best[1]].sort((a, b) => a - b) } : undefined;
}
