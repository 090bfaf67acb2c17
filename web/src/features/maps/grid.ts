// Grids: found in long tables, drawn as a picture that lies right on a Mercator map, read at a place.

import type { Grid } from "./data";
import type { Converter } from "./place";

/** Distinct values in rising order; those closer than a millionth of the whole are one. */
function levelsOf(values: Float64Array): Float64Array {
  const sorted = values.filter(Number.isFinite).sort();
  const tolerance = 1e-6 * ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0));
  const kept: number[] = [];
  for (const value of sorted) {
    const before = kept.at(-1);
    if (before === undefined || value - before > tolerance) kept.push(value);
  }
  return Float64Array.from(kept);
}

/** The index of the coordinate nearest to a place on an axis that rises or falls; -1 beyond half a cell outside. */
export function nearest(axis: Float64Array, at: number): number {
  const position = fractional(axis, at);
  const index = Math.round(position);
  return position >= -0.5 && position <= axis.length - 0.5 ? Math.min(axis.length - 1, Math.max(0, index)) : -1;
}

/** The place on an axis counted in nodes, as if the first and last step went on outside. */
function fractional(axis: Float64Array, at: number): number {
  const last = axis.length - 1;
  const first = axis[0] as number;
  if (last === 0) return at === first ? 0 : Number.NaN;
  const rises = (axis[last] as number) > first;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (rises === (axis[middle] as number) <= at) low = middle;
    else high = middle;
  }
  const [from, to] = [axis[low] as number, axis[high] as number];
  return low + (at - from) / (to - from);
}

/** A long table as a grid, when its rows lie on the nodes of one; else null. */
export function gridFromRows(x: Float64Array, y: Float64Array, z: Float64Array): Pick<Grid, "x" | "y" | "z"> | null {
  const [across, up] = [levelsOf(x), levelsOf(y)];
  const nodes = across.length * up.length;
  // Scattered points have nearly as many levels as rows; a grid fills its nodes.
  if (across.length < 2 || up.length < 2 || nodes > 4 * x.length || nodes > 4_000_000) return null;
  const values = new Float64Array(nodes).fill(Number.NaN);
  for (let row = 0; row < x.length; row += 1) {
    const [east, north] = [x[row] as number, y[row] as number];
    if (!Number.isFinite(east) || !Number.isFinite(north)) continue;
    values[nearest(up, north) * across.length + nearest(across, east)] = z[row] as number;
  }
  return { x: across, y: up, z: values };
}

/** Coordinates of the cells' centres of an array that lies in an extent, its first row in the north. */
export function axesOfExtent(
  columns: number,
  rows: number,
  [west, south, east, north]: readonly [number, number, number, number],
) {
  const [dx, dy] = [(east - west) / columns, (north - south) / rows];
  return {
    x: Float64Array.from({ length: columns }, (_, index) => west + (index + 0.5) * dx),
    y: Float64Array.from({ length: rows }, (_, index) => north - (index + 0.5) * dy),
  };
}

const LIMIT = 85.05112878;
const RADIANS = Math.PI / 180;

/** The northing of a latitude on a Mercator map whose world is 2π wide. */
export const mercator = (lat: number) =>
  Math.log(Math.tan(Math.PI / 4 + (Math.max(-LIMIT, Math.min(LIMIT, lat)) * RADIANS) / 2));
export const latitude = (northing: number) => (2 * Math.atan(Math.exp(northing)) - Math.PI / 2) / RADIANS;

export interface Picture {
  /** West, south, east, north in degrees. */
  bounds: [number, number, number, number];
  width: number;
  height: number;
  /** A value per pixel from the north-west on; NaN where there is none. */
  values: Float32Array;
}

/** The cells' outer edges: half a step beyond the first and the last node. */
export function extent(grid: Grid): [number, number, number, number] {
  const ends = (axis: Float64Array): [number, number] => {
    const last = axis.length - 1;
    const [a, b, c, d] = [axis[0], axis[1], axis[last - 1], axis[last]] as [number, number, number, number];
    const [one, other] = [a - (b - a) / 2, d + (d - c) / 2];
    return one < other ? [one, other] : [other, one];
  };
  const [west, east] = ends(grid.x);
  const [south, north] = ends(grid.y);
  return [west, south, east, north];
}

/** The frame of a grid in longitude and latitude, from points along its edge and within. */
export function frame(grid: Grid, toLonLat: Converter): [number, number, number, number] {
  const [west, south, east, north] = extent(grid);
  const steps = 24;
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let row = 0; row <= steps; row += 1) {
    for (let column = 0; column <= steps; column += 1) {
      const [lon, lat] = toLonLat(west + ((east - west) * column) / steps, south + ((north - south) * row) / steps);
      if (!Number.isFinite(lon) || !Number.isFinite(lat)) continue;
      box[0] = Math.min(box[0], lon);
      box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lon);
      box[3] = Math.max(box[3], lat);
    }
  }
  return box;
}

const LONGEST = 1024;
const MESH = 16;

/**
 * The grid as pictures for a Mercator map: one, or two where it crosses the 180th meridian. Each pixel is asked where it lies in the
 * data's system; between the nodes of a mesh of 16 pixels that is interpolated, which is far below a pixel.
 */
export function pictures(grid: Grid, toLonLat: Converter, fromLonLat: Converter, smooth: boolean): Picture[] {
  const [west, south, east, north] = frame(grid, toLonLat);
  if (!(west < east && south < north)) return [];
  const parts: [number, number, number][] = [];
  for (const turn of [-360, 0, 360]) {
    const [from, to] = [Math.max(west, turn - 180), Math.min(east, turn + 180)];
    if (to - from > 1e-9) parts.push([from, to, turn]);
  }
  return parts.map(([from, to, turn]) => picture(grid, fromLonLat, smooth, [from, south, to, north], turn));
}

function picture(
  grid: Grid,
  fromLonLat: Converter,
  smooth: boolean,
  [west, south, east, north]: readonly [number, number, number, number],
  turn: number,
): Picture {
  const [bottom, top] = [mercator(south), mercator(north)];
  const ratio = ((east - west) * RADIANS) / (top - bottom);
  const finest = Math.min(LONGEST, Math.max(512, 2 * Math.max(grid.x.length, grid.y.length)));
  const width = Math.max(2, Math.round(ratio >= 1 ? finest : finest * ratio));
  const height = Math.max(2, Math.round(ratio >= 1 ? finest / ratio : finest));
  const [across, down] = [Math.ceil(width / MESH) + 1, Math.ceil(height / MESH) + 1];
  const [xs, ys] = [new Float64Array(across * down), new Float64Array(across * down)];
  for (let row = 0; row < down; row += 1) {
    const lat = latitude(top + ((bottom - top) * row * MESH) / height);
    for (let column = 0; column < across; column += 1) {
      const [x, y] = fromLonLat(west + ((east - west) * column * MESH) / width, lat);
      xs[row * across + column] = x;
      ys[row * across + column] = y;
    }
  }
  const values = new Float32Array(width * height);
  for (let row = 0; row < height; row += 1) {
    const up = (row + 0.5) / MESH;
    const r = Math.floor(up);
    const v = up - r;
    for (let column = 0; column < width; column += 1) {
      const along = (column + 0.5) / MESH;
      const c = Math.floor(along);
      const u = along - c;
      const at = r * across + c;
      const between = (mesh: Float64Array) =>
        ((mesh[at] as number) * (1 - u) + (mesh[at + 1] as number) * u) * (1 - v) +
        ((mesh[at + across] as number) * (1 - u) + (mesh[at + across + 1] as number) * u) * v;
      values[row * width + column] = valueAt(grid, between(xs), between(ys), smooth);
    }
  }
  return { bounds: [west - turn, south, east - turn, north], width, height, values };
}

/** The grid's value at a place of the data's system: the nearest node's, or smoothly between four. */
export function valueAt(grid: Grid, x: number, y: number, smooth: boolean): number {
  const columns = grid.x.length;
  const [column, row] = [nearest(grid.x, x), nearest(grid.y, y)];
  if (!(column >= 0 && row >= 0)) return Number.NaN;
  const own = grid.z[row * columns + column] as number;
  if (!smooth) return own;
  const [along, up] = [fractional(grid.x, x), fractional(grid.y, y)];
  const [c, r] = [
    Math.min(columns - 2, Math.max(0, Math.floor(along))),
    Math.min(grid.y.length - 2, Math.max(0, Math.floor(up))),
  ];
  const [u, v] = [Math.min(1, Math.max(0, along - c)), Math.min(1, Math.max(0, up - r))];
  const at = r * columns + c;
  const value =
    ((grid.z[at] as number) * (1 - u) + (grid.z[at + 1] as number) * u) * (1 - v) +
    ((grid.z[at + columns] as number) * (1 - u) + (grid.z[at + columns + 1] as number) * u) * v;
  // Beside an empty node there is nothing to go between.
  return Number.isNaN(value) ? own : value;
}
