// Thins a series in the browser as the server does: the least and the greatest of each stretch stay, so that no peak
// is lost. For documents that only the browser can read.

type Column = readonly unknown[];

/** The rows that stay of `rows`, about `points` of them, with the extremes of every column in `ys`. */
export function thin(rows: readonly number[], ys: readonly Column[], points: number): number[] {
  if (rows.length <= points) return [...rows];
  const stretches = Math.max(1, Math.floor(points / (2 * Math.max(1, ys.length))));
  const kept = new Set<number>([rows[0] as number, rows.at(-1) as number]);
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const from = Math.floor((stretch * rows.length) / stretches);
    const to = Math.floor(((stretch + 1) * rows.length) / stretches);
    for (const values of ys) {
      let [least, most] = [-1, -1];
      for (let at = from; at < to; at += 1) {
        const row = rows[at] as number;
        const value = values[row];
        if (typeof value !== "number") continue;
        if (least < 0 || value < (values[least] as number)) least = row;
        if (most < 0 || value > (values[most] as number)) most = row;
      }
      if (least >= 0) kept.add(least).add(most);
    }
  }
  return [...kept].sort((a, b) => a - b);
}

/** The rows whose x lies within the bounds, and one more on each side, so that lines go on to the edge. */
export function within(x: Column, bounds: { from?: number | string; to?: number | string }): number[] {
  const inside = (value: unknown) =>
    value !== null &&
    value !== undefined &&
    (bounds.from === undefined || (value as number) >= (bounds.from as number)) &&
    (bounds.to === undefined || (value as number) <= (bounds.to as number));
  const kept: number[] = [];
  for (let row = 0; row < x.length; row += 1) {
    if (inside(x[row]) || (row + 1 < x.length && inside(x[row + 1])) || (row > 0 && inside(x[row - 1]))) kept.push(row);
  }
  return kept;
}
