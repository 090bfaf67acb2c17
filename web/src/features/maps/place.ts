// Between the coordinates of data and longitude and latitude. Only the worker loads this: proj4 is large.

import proj4 from "proj4";
import { type Crs, WGS84 } from "./crs";

const DEGREES = 180 / Math.PI;
const RADIUS = 6_378_137;

export type Converter = (x: number, y: number) => [number, number];

/** Systems whose degrees are those of WGS 84 to within what a map shows. */
const sameDegrees = (crs: Crs) =>
  crs.geographic && (/\+datum=WGS84/.test(crs.definition) || /\+towgs84=0,0,0/.test(crs.definition));

export function toLonLat(crs: Crs): Converter {
  if (sameDegrees(crs)) return (x, y) => [x, y];
  if (crs.id === "EPSG:3857") {
    return (x, y) => [(x / RADIUS) * DEGREES, (2 * Math.atan(Math.exp(y / RADIUS)) - Math.PI / 2) * DEGREES];
  }
  const converter = proj4(crs.definition, WGS84.definition);
  return (x, y) => {
    // proj4 throws at what is not finite and at what lies outside of a projection.
    if (!Number.isFinite(x) || !Number.isFinite(y)) return [Number.NaN, Number.NaN];
    try {
      const [lon, lat] = converter.forward([x, y]);
      return [lon, lat];
    } catch {
      return [Number.NaN, Number.NaN];
    }
  };
}

export function fromLonLat(crs: Crs): Converter {
  if (sameDegrees(crs)) return (lon, lat) => [lon, lat];
  const converter = proj4(WGS84.definition, crs.definition);
  return (lon, lat) => {
    try {
      const [x, y] = converter.forward([lon, lat]);
      return [x, y];
    } catch {
      return [Number.NaN, Number.NaN];
    }
  };
}

/** What is wrong with a system, in words; null when it can be used. */
export function complaint(crs: Crs): string | null {
  try {
    fromLonLat(crs)(0, 0);
    toLonLat(crs);
    return null;
  } catch (error) {
    return `proj4 does not understand it: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export interface Placed {
  lon: Float64Array;
  lat: Float64Array;
  /** How many have no place: empty or impossible coordinates. */
  lost: number;
}

/** Longitude and latitude of each point; NaN where there is none. */
export function place(crs: Crs, x: ArrayLike<number>, y: ArrayLike<number>): Placed {
  const convert = toLonLat(crs);
  const lon = new Float64Array(x.length);
  const lat = new Float64Array(x.length);
  let lost = 0;
  for (let row = 0; row < x.length; row += 1) {
    const [east, north] = convert(x[row] ?? Number.NaN, y[row] ?? Number.NaN);
    if (Number.isFinite(east) && Math.abs(east) <= 540 && Math.abs(north) <= 90) {
      lon[row] = east;
      lat[row] = north;
    } else {
      lon[row] = Number.NaN;
      lat[row] = Number.NaN;
      lost += 1;
    }
  }
  return { lon, lat, lost };
}
