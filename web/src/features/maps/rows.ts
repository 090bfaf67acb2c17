// Rows by where they are.

import type { Box } from "./model";

interface Marks {
  lon: Float64Array;
  lat: Float64Array;
}

/** Whether a place lies in a box; both may be turned by whole circles against each other. */
export function inBox([west, south, east, north]: Box, lon: number, lat: number): boolean {
  if (Number.isNaN(lon) || !(lat >= south && lat <= north)) return false;
  if (east - west >= 360) return true;
  const turned = west + ((((lon - west) % 360) + 360) % 360);
  return turned <= east;
}

/** The rows in a box, in their order, at most `most`. */
export function rowsIn(marks: Marks, box: Box, most = Number.POSITIVE_INFINITY): number[] {
  const rows: number[] = [];
  for (let row = 0; row < marks.lon.length && rows.length < most; row += 1) {
    if (inBox(box, marks.lon[row] as number, marks.lat[row] as number)) rows.push(row);
  }
  return rows;
}

/** The row after (or before) another among those in view, else among all; round and round. */
export function neighbour(marks: Marks, box: Box, from: number | undefined, by: 1 | -1): number | null {
  const count = marks.lon.length;
  const search = (fits: (row: number) => boolean): number | null => {
    for (let step = 1; step <= count; step += 1) {
      const start = from ?? (by === 1 ? -1 : count);
      const row = (((start + by * step) % count) + count) % count;
      if (fits(row)) return row;
    }
    return null;
  };
  const placed = (row: number) => !Number.isNaN(marks.lon[row]);
  return search((row) => inBox(box, marks.lon[row] as number, marks.lat[row] as number)) ?? search(placed);
}

const EARTH = 40_075_016.686;

/** A round length in metres that fits into `pixels` on a map of 512-pixel tiles, and how many pixels it takes. */
export function scaleBar(zoom: number, lat: number, pixels: number): { metres: number; pixels: number } {
  const perPixel = (EARTH * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** zoom);
  const raw = perPixel * pixels;
  const power = 10 ** Math.floor(Math.log10(raw));
  const metres = power * ([5, 2, 1].find((factor) => factor * power <= raw) ?? 1);
  return { metres, pixels: metres / perPixel };
}

export const lengthText = (metres: number): string =>
  metres >= 1000
    ? `${(metres / 1000).toLocaleString()} km`
    : metres >= 1
      ? `${metres} m`
      : `${Number((metres * 100).toPrecision(3))} cm`;
