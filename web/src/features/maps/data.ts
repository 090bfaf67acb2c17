// What a map can draw of a file: a table with a position per row, shapes with a row of properties each, or a grid.

import type { Geometry } from "geojson";

export interface MapColumn {
  name: string;
  unit: string | null;
  /** What its writer says it is: `x`, `longitude`, `easting` … */
  role?: string;
  type: "number" | "text";
  /** NaN or null where a cell is empty. */
  values: Float64Array | (string | null)[];
}

export interface Grid {
  /** Coordinates of the columns and of the rows, rising or falling, in the system of the data. */
  x: Float64Array;
  y: Float64Array;
  /** Row by row, `y.length` rows of `x.length`; NaN where there is none. */
  z: Float64Array;
  name: string;
  unit: string | null;
}

export interface MapData {
  rows: number;
  columns: MapColumn[];
  /** One per row for GeoJSON, in the system of the data. */
  shapes?: (Geometry | null)[];
  grid?: Grid;
  /** Where only the numbers of a grid are known: it needs an extent. */
  unplaced?: boolean;
  /** As the data says; absent when it says nothing. */
  crs?: string;
}

export const numbersOf = (data: MapData, name: string | undefined): Float64Array | null => {
  const column = data.columns.find((candidate) => candidate.name === name);
  return column?.values instanceof Float64Array ? column.values : null;
};

/** A cell for people: the number with what is needed of it, the text, or a dash. */
export function cellText(column: MapColumn, row: number): string {
  const value = column.values[row];
  if (value === undefined || value === null || Number.isNaN(value)) return "–";
  return typeof value === "number" ? figure(value) : value;
}

/** Up to eight significant digits, without those that say nothing. */
export function figure(value: number): string {
  if (value !== 0 && (Math.abs(value) >= 1e15 || Math.abs(value) < 1e-5)) return value.toExponential(4);
  return Number(value.toPrecision(10)).toLocaleString(undefined, { maximumFractionDigits: 8, useGrouping: false });
}
