// The world as it comes with the app: Natural Earth's countries as TopoJSON, coarse at once and finer when one looks
// closer. Nothing is asked of anybody else.

import type { Feature, FeatureCollection, MultiLineString, MultiPolygon, Position } from "geojson";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import fine from "world-atlas/countries-50m.json?url";
import coarse from "world-atlas/countries-110m.json?url";

export interface World {
  land: FeatureCollection<MultiPolygon>;
  borders: MultiLineString;
}

const kept = new Map<string, Promise<World>>();

async function load(url: string): Promise<World> {
  const answer = await fetch(new URL(url, document.baseURI));
  if (!answer.ok) throw new Error("the outlines of the countries could not be loaded");
  const world = (await answer.json()) as Topology;
  const { land, countries } = world.objects as { land: GeometryCollection; countries: GeometryCollection };
  const shapes = feature(world, land) as FeatureCollection<MultiPolygon>;
  return {
    land: {
      ...shapes,
      features: shapes.features.map((shape) => ({
        ...shape,
        geometry: {
          type: "MultiPolygon",
          coordinates: shape.geometry.coordinates.map((rings) => rings.map(unrolled)),
        },
      })),
    },
    borders: mesh(world, countries, (one, other) => one !== other),
  };
}

/**
 * A ring of a sphere for a flat map: where it crosses the 180th meridian it goes on beyond it instead of jumping
 * back. A ring around a pole does not close by that; it is closed along the map's edge.
 */
export function unrolled(ring: readonly Position[]): Position[] {
  let turn = 0;
  const points = ring.map(([lon = 0, lat = 0], at): Position => {
    const before = ring[at - 1]?.[0] ?? lon;
    if (lon - before > 180) turn -= 360;
    else if (before - lon > 180) turn += 360;
    return [lon + turn, lat];
  });
  const [first, last] = [points[0], points.at(-1)];
  if (turn === 0 || !first || !last) return points;
  const pole = (first[1] ?? 0) < 0 ? -90 : 90;
  return [...points, [last[0] ?? 0, pole], [first[0] ?? 0, pole], first];
}

/** The world's land and borders; each is loaded once. */
export function world(detail: "coarse" | "fine"): Promise<World> {
  const url = detail === "coarse" ? coarse : fine;
  const there = kept.get(url) ?? load(url);
  kept.set(url, there);
  // A failed one is tried again the next time.
  there.catch(() => kept.delete(url));
  return there;
}

const steps = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 5e-4, 2e-4, 1e-4];

/** The step of a net of meridians and parallels that gives about six lines over a width in degrees. */
export const netStep = (span: number): number => steps.find((step) => span / step >= 4) ?? 1e-4;

/** Degrees with a letter for the half: `12.5° E`. */
export function degreesText(value: number, axis: "lon" | "lat"): string {
  const turned = axis === "lon" ? ((((value + 180) % 360) + 360) % 360) - 180 : value;
  const letter = axis === "lon" ? (turned < 0 ? "W" : "E") : turned < 0 ? "S" : "N";
  const plain = Number(Math.abs(turned).toFixed(6));
  return plain === 0 || plain === 180 ? `${plain}°` : `${plain}° ${letter}`;
}

/** Meridians and parallels around a view, and their labels along its left and upper edge. */
export function net([west, south, east, north]: readonly [number, number, number, number]): FeatureCollection {
  const step = netStep(Math.min(east - west, 360));
  const [spanX, spanY] = [Math.min(360, east - west), north - south];
  const lines: Feature[] = [];
  const line = (coordinates: Position[]) =>
    lines.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates } });
  const label = (at: Position, text: string, side: "left" | "top") =>
    lines.push({ type: "Feature", properties: { text, side }, geometry: { type: "Point", coordinates: at } });
  const [low, high] = [Math.max(-85, south - spanY), Math.min(85, north + spanY)];
  for (let index = Math.ceil((west - spanX) / step); index * step <= east + spanX; index += 1) {
    const lon = index * step;
    line([
      [lon, low],
      [lon, high],
    ]);
    if (lon > west && lon < east) label([lon, north], degreesText(lon, "lon"), "top");
  }
  for (let index = Math.ceil(low / step); index * step <= high; index += 1) {
    const lat = index * step;
    line([
      [west - spanX, lat],
      [east + spanX, lat],
    ]);
    if (lat > south && lat < north) label([west, lat], degreesText(lat, "lat"), "left");
  }
  return { type: "FeatureCollection", features: lines };
}
