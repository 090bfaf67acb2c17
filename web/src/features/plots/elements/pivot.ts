// A grid out of a table that has one row for each of its nodes.

import type { Columns } from "./element";

const order = (a: unknown, b: unknown): number =>
  typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1;

/** The different values of a list, in order. */
function steps(list: readonly unknown[]): unknown[] {
  return [...new Set(list.filter((value) => value !== null && value !== undefined))].sort(order);
}

/** Rows of `z` over the different values of `y` and `x`; a node without a row is a hole. A grid stays as it is. */
export function pivot(columns: Columns): Columns {
  const { x, y, z } = columns;
  if (!x || !y || !z || Array.isArray(z.values[0])) return columns;
  const [across, down] = [steps(x.values), steps(y.values)];
  const places = (list: unknown[]) => new Map(list.map((value, index) => [value, index]));
  const [column, row] = [places(across), places(down)];
  const rows = down.map((): unknown[] => new Array(across.length).fill(null));
  z.values.forEach((value, index) => {
    const [at, line] = [column.get(x.values[index]), rows[row.get(y.values[index]) ?? -1]];
    if (at !== undefined && line) line[at] = value;
  });
  return { x: { ...x, values: across }, y: { ...y, values: down }, z: { ...z, values: rows } };
}
