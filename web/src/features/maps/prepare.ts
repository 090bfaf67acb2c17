// From data and a layer's wishes to what can be drawn: everything in longitude and latitude. Pure; the worker runs it.

import type { Feature, FeatureCollection, Geometry, Position as Place } from "geojson";
import { contours, roundLevels } from "./contour";
import type { Crs } from "./crs";
import type { Grid } from "./data";
import { frame, mercator, type Picture, pictures } from "./grid";
import type { Box } from "./model";
import { type Converter, fromLonLat, place, toLonLat } from "./place";

export interface Marks {
  lon: Float64Array;
  lat: Float64Array;
  lost: number;
  bounds: Box | null;
}

export interface Shapes {
  features: FeatureCollection;
  /** Where each row is: a point itself, the middle of what is larger. */
  marks: Pick<Marks, "lon" | "lat">;
  bounds: Box | null;
  /** How many rows have no place. */
  lost: number;
}

export interface Raster {
  pictures: Picture[];
  bounds: Box | null;
}

const empty = (): Box => [Infinity, Infinity, -Infinity, -Infinity];

function widen(box: Box, lon: number, lat: number): void {
  if (Number.isNaN(lon) || Number.isNaN(lat)) return;
  if (lon < box[0]) box[0] = lon;
  if (lat < box[1]) box[1] = lat;
  if (lon > box[2]) box[2] = lon;
  if (lat > box[3]) box[3] = lat;
}

const boxOrNull = (box: Box): Box | null => (box[0] <= box[2] ? box : null);

export function marks(crs: Crs, x: ArrayLike<number>, y: ArrayLike<number>): Marks {
  const placed = place(crs, x, y);
  const box = empty();
  for (let row = 0; row < placed.lon.length; row += 1) widen(box, placed.lon[row] as number, placed.lat[row] as number);
  return { ...placed, bounds: boxOrNull(box) };
}

/** A geometry with each position converted; null when one has no place. */
function converted(shape: Geometry, convert: Converter, box: Box): Geometry | null {
  let sound = true;
  const position = ([x = Number.NaN, y = Number.NaN]: Place): Place => {
    const [lon, lat] = convert(x, y);
    if (!Number.isFinite(lon) || Math.abs(lat) > 90) sound = false;
    widen(box, lon, lat);
    return [lon, lat];
  };
  const deep = (value: unknown): unknown =>
    Array.isArray(value) ? (typeof value[0] === "number" ? position(value as Place) : value.map(deep)) : value;
  if (shape.type === "GeometryCollection") {
    const geometries = shape.geometries.flatMap((part) => converted(part, convert, box) ?? []);
    return { type: "GeometryCollection", geometries };
  }
  if (!Array.isArray(shape.coordinates)) return null;
  const result = { type: shape.type, coordinates: deep(shape.coordinates) } as Geometry;
  return sound ? result : null;
}

/** GeoJSON with a row number as each feature's id and the value to colour by as `v`. */
export function shapes(
  crs: Crs,
  list: readonly (Geometry | null)[],
  values: Float64Array | null,
  sizes: Float64Array | null,
): Shapes {
  const convert = toLonLat(crs);
  const box = empty();
  const features: Feature[] = [];
  const lon = new Float64Array(list.length).fill(Number.NaN);
  const lat = new Float64Array(list.length).fill(Number.NaN);
  for (let row = 0; row < list.length; row += 1) {
    const shape = list[row];
    const own = empty();
    const geometry = shape && converted(shape, convert, own);
    if (!geometry) continue;
    features.push({ type: "Feature", id: row, geometry, properties: properties(row, values, sizes) });
    lon[row] = (own[0] + own[2]) / 2;
    lat[row] = (own[1] + own[3]) / 2;
    widen(box, own[0], own[1]);
    widen(box, own[2], own[3]);
  }
  return {
    features: { type: "FeatureCollection", features },
    marks: { lon, lat },
    bounds: boxOrNull(box),
    lost: list.length - features.length,
  };
}

function properties(row: number, values: Float64Array | null, sizes: Float64Array | null): Record<string, number> {
  const [value, size] = [values?.[row], sizes?.[row]];
  return {
    ...(value !== undefined && !Number.isNaN(value) && { v: value }),
    ...(size !== undefined && !Number.isNaN(size) && { s: size }),
  };
}

/** From so many points on they are thinned where they lie upon each other. */
const DENSE = 5000;
/** Pixels that one of them may stand for. */
const CELL = 3;
const DEEPEST = 14;

/**
 * The zoom from which on each point is drawn: at every zoom one for each cell of three pixels, the first in the order of the
 * rows. What is left out lies under what is drawn.
 */
export function zooms(lon: Float64Array, lat: Float64Array): Uint8Array {
  const from = new Uint8Array(lon.length).fill(DEEPEST);
  const [across, down] = [new Float64Array(lon.length), new Float64Array(lon.length)];
  for (let row = 0; row < lon.length; row += 1) {
    across[row] = ((lon[row] as number) / 360 + 0.5) * 512;
    down[row] = (0.5 - mercator(lat[row] as number) / (2 * Math.PI)) * 512;
  }
  for (let zoom = 0, left = lon.length; zoom < DEEPEST && left > 0; zoom += 1) {
    const scale = 2 ** zoom / CELL;
    const width = Math.ceil(512 * scale) * 4;
    const taken = new Set<number>();
    const cell = (row: number) =>
      Math.floor((down[row] as number) * scale) * width + Math.floor((across[row] as number) * scale);
    for (let row = 0; row < lon.length; row += 1) if ((from[row] as number) < DEEPEST) taken.add(cell(row));
    left = 0;
    for (let row = 0; row < lon.length; row += 1) {
      if ((from[row] as number) < DEEPEST) continue;
      const at = cell(row);
      if (taken.has(at)) left += 1;
      else {
        taken.add(at);
        from[row] = zoom;
      }
    }
  }
  return from;
}

/** Rows as points. */
export function pointFeatures(
  crs: Crs,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  values: Float64Array | null,
  sizes: Float64Array | null,
): Shapes {
  const placed = marks(crs, x, y);
  const from = placed.lon.length > DENSE ? zooms(placed.lon, placed.lat) : null;
  const features: Feature[] = [];
  for (let row = 0; row < placed.lon.length; row += 1) {
    const [lon, lat] = [placed.lon[row] as number, placed.lat[row] as number];
    if (Number.isNaN(lon)) continue;
    features.push({
      type: "Feature",
      id: row,
      geometry: { type: "Point", coordinates: [lon, lat] },
      properties: { ...properties(row, values, sizes), ...(from && { z: from[row] }) },
    });
  }
  return { features: { type: "FeatureCollection", features }, bounds: placed.bounds, lost: placed.lost, marks: placed };
}

/** Rows joined in their order, a line for each run of one name; a row without a place ends a run. */
export function tracks(
  crs: Crs,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  groups: ArrayLike<string | number | null> | null,
): Shapes {
  const { lon, lat, lost, bounds } = marks(crs, x, y);
  const features: Feature[] = [];
  let line: Place[] = [];
  let first = 0;
  const close = () => {
    if (line.length > 1) {
      features.push({
        type: "Feature",
        id: first,
        geometry: { type: "LineString", coordinates: line },
        properties: { name: String(groups?.[first] ?? "") },
      });
    }
    line = [];
  };
  for (let row = 0; row < lon.length; row += 1) {
    const there = !Number.isNaN(lon[row]);
    if (!there || (line.length > 0 && groups && groups[row] !== groups[first])) close();
    if (!there) continue;
    if (line.length === 0) first = row;
    // Over the 180th meridian a line goes the short way.
    const before = line.at(-1)?.[0];
    let east = lon[row] as number;
    if (before !== undefined && east - before > 180) east -= 360;
    if (before !== undefined && before - east > 180) east += 360;
    line.push([east, lat[row] as number]);
  }
  close();
  return { features: { type: "FeatureCollection", features }, marks: { lon, lat }, bounds, lost };
}

export function raster(crs: Crs, grid: Grid, smooth: boolean): Raster {
  const forward = toLonLat(crs);
  const box = frame(grid, forward);
  return { pictures: pictures(grid, forward, fromLonLat(crs), smooth), bounds: boxOrNull(box) };
}

export function isolines(crs: Crs, grid: Grid, count: number): Shapes {
  let [low, high] = [Infinity, -Infinity];
  for (const value of grid.z) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const convert = toLonLat(crs);
  const box = empty();
  const features = contours(grid, roundLevels(low, high, count)).flatMap(({ level, points }): Feature[] => {
    const geometry = converted({ type: "LineString", coordinates: points }, convert, box);
    return geometry ? [{ type: "Feature", geometry, properties: { v: level } }] : [];
  });
  return {
    features: { type: "FeatureCollection", features },
    marks: { lon: new Float64Array(), lat: new Float64Array() },
    bounds: boxOrNull(box),
    lost: 0,
  };
}
