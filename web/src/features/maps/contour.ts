// Contour lines of a grid by marching squares; the two cases that leave open how to join are decided by the value in
// the middle of the cell. On a grid whose axes rise, the higher side is on the right of a line.

import type { Grid } from "./data";

export interface Contour {
  level: number;
  /** In the system of the data. */
  points: [number, number][];
}

/** About `count` round levels within a range: steps of 1, 2 or 5 times a power of ten. */
export function roundLevels(low: number, high: number, count: number): number[] {
  if (!(high > low) || count < 1) return [];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) ?? 10);
  const digits = Math.max(0, -Math.floor(Math.log10(step)) + 1);
  const levels: number[] = [];
  for (let level = Math.ceil(low / step) * step; level <= high; level += step) {
    if (level > low && level < high) levels.push(Number(level.toFixed(digits)));
  }
  return levels;
}

/** Which edges of a cell each case joins: 0 south, 1 east, 2 north, 3 west. */
const joins: readonly (readonly [number, number][])[] = [
  [],
  [[3, 0]],
  [[0, 1]],
  [[3, 1]],
  [[1, 2]],
  [],
  [[0, 2]],
  [[3, 2]],
  [[2, 3]],
  [[2, 0]],
  [],
  [[2, 1]],
  [[1, 3]],
  [[1, 0]],
  [[0, 3]],
  [],
];

export function contours(grid: Pick<Grid, "x" | "y" | "z">, levels: readonly number[]): Contour[] {
  return levels.flatMap((level) => linesAt(grid, level).map((points) => ({ level, points })));
}

function linesAt({ x, y, z }: Pick<Grid, "x" | "y" | "z">, level: number): [number, number][][] {
  const [columns, rows] = [x.length, y.length];
  // An edge is named by its lower left node: even for the one to the right, odd for the one upwards.
  const next = new Map<number, number>();
  for (let row = 0; row + 1 < rows; row += 1) {
    for (let column = 0; column + 1 < columns; column += 1) {
      const at = row * columns + column;
      const corners = [z[at], z[at + 1], z[at + columns + 1], z[at + columns]] as [number, number, number, number];
      if (corners.some(Number.isNaN)) continue;
      const key = corners.reduce((bits, value, index) => bits | (value >= level ? 1 << index : 0), 0);
      const edges = [2 * at, 2 * (at + 1) + 1, 2 * (at + columns), 2 * at + 1] as [number, number, number, number];
      for (const [from, to] of key === 5 || key === 10 ? saddle(key, corners, level) : (joins[key] ?? [])) {
        next.set(edges[from] as number, edges[to] as number);
      }
    }
  }
  const point = (edge: number): [number, number] => {
    const at = edge >> 1;
    const [row, column] = [Math.floor(at / columns), at % columns];
    const other = edge % 2 === 0 ? at + 1 : at + columns;
    const [a, b] = [z[at] as number, z[other] as number];
    const part = a === b ? 0.5 : (level - a) / (b - a);
    const [x0, y0] = [x[column] as number, y[row] as number];
    return edge % 2 === 0
      ? [x0 + part * ((x[column + 1] as number) - x0), y0]
      : [x0, y0 + part * ((y[row + 1] as number) - y0)];
  };
  return chains(next).map((chain) => chain.map(point));
}

function saddle(key: number, corners: readonly number[], level: number): [number, number][] {
  const high = corners.reduce((sum, value) => sum + value, 0) / 4 >= level;
  if (key === 5)
    return high
      ? [
          [3, 2],
          [1, 0],
        ]
      : [
          [3, 0],
          [1, 2],
        ];
  return high
    ? [
        [0, 3],
        [2, 1],
      ]
    : [
        [0, 1],
        [2, 3],
      ];
}

/** Joins the steps from edge to edge: first the lines that begin at a border, then those that are closed. */
function chains(next: Map<number, number>): number[][] {
  const reached = new Set(next.values());
  const lines: number[][] = [];
  const follow = (start: number) => {
    const line = [start];
    let edge = next.get(start);
    next.delete(start);
    while (edge !== undefined) {
      line.push(edge);
      const following = next.get(edge);
      next.delete(edge);
      edge = following;
    }
    lines.push(line);
  };
  for (const start of [...next.keys()]) if (!reached.has(start)) follow(start);
  while (next.size > 0) follow(next.keys().next().value as number);
  return lines;
}
