// What the worker can be asked. Each answer depends on the question alone.

import type { Crs } from "./crs";
import { gridFromRows } from "./grid";
import { parse } from "./parse";
import { complaint, fromLonLat } from "./place";
import { isolines, pointFeatures, raster, shapes, tracks } from "./prepare";

export const work = {
  parse,
  gridFromRows,
  pointFeatures,
  shapes,
  tracks,
  raster,
  isolines,
  complaint,
  /** A place in a system, for the line under the pointer. */
  coordinates: (crs: Crs, lon: number, lat: number) => fromLonLat(crs)(lon, lat),
};

export type Work = typeof work;
export interface Question {
  id: number;
  ask: keyof Work;
  args: unknown[];
}
export type Answer = { id: number; value: unknown } | { id: number; error: string };
