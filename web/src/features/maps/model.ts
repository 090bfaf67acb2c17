// What a map remembers: its layers from the lowest to the highest and where one looks. It is kept as JSON in layouts
// and figures, so it is read with care: it may come from an older release or an edited address.

import type { Settings } from "@/shared/panels/panel";
import { isScale, type ScaleName } from "./colours";

/** points: a mark per row; track: rows joined to lines; shapes: GeoJSON as it is; grid: coloured cells; contours: lines of a grid. */
export const layerKinds = ["points", "track", "shapes", "grid", "contours"] as const;
export type LayerKind = (typeof layerKinds)[number];

export const kindWord: Record<LayerKind, string> = {
  points: "Points",
  track: "Lines through rows",
  shapes: "Shapes",
  grid: "Grid",
  contours: "Contours",
};

export type Box = [number, number, number, number];

export interface MapLayer {
  id: string;
  /** The upload or dataset. */
  data: string;
  name: string;
  kind: LayerKind;
  visible: boolean;
  /** What the person says of the coordinate system; else what the data says. */
  crs?: string;
  /** Columns of the position; else those that are found. */
  x?: string;
  y?: string;
  /** The column that colours; null for one colour, undefined for the one that is found. */
  value?: string | null;
  /** The column that sizes the marks. */
  size?: string;
  /** The column that tells lines apart. */
  group?: string;
  /** Where an array without coordinates lies, in its system. */
  extent?: Box;
  scale: ScaleName;
  reversed: boolean;
  /** The values at the ends of the scale; else those of the data. */
  range?: [number, number];
  /** Without a column to colour by. */
  colour: string;
  /** Radius of a mark or width of a line, in pixels. */
  width: number;
  opacity: number;
  /** How many contours, about. */
  levels: number;
  /** Grids: go smoothly between the nodes. */
  smooth: boolean;
}

export interface View {
  lon: number;
  lat: number;
  zoom: number;
}

export interface MapSettings {
  layers: MapLayer[];
  view?: View;
  /** Show the layers beside the map. */
  side: boolean;
  graticule: boolean;
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const between = (value: unknown, low: number, high: number, usual: number): number =>
  typeof value === "number" && Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : usual;
const tuple = (value: unknown, length: number): number[] | undefined =>
  Array.isArray(value) && value.length === length && value.every(Number.isFinite) ? (value as number[]) : undefined;

const palette = ["#0f766e", "#b45309", "#1d4ed8", "#be185d", "#4d7c0f", "#6d28d9"];
export const colourFor = (index: number): string => palette[index % palette.length] as string;

/** A layer out of what may be one; null when it is none. */
export function readLayer(value: unknown, index: number): MapLayer | null {
  if (typeof value !== "object" || value === null) return null;
  const given = value as Record<string, unknown>;
  const data = text(given.data);
  const kind = layerKinds.find((known) => known === given.kind);
  if (!data || !kind) return null;
  const range = tuple(given.range, 2) as [number, number] | undefined;
  return {
    id: text(given.id) ?? `layer-${index}`,
    data,
    name: text(given.name) ?? data,
    kind,
    visible: given.visible !== false,
    crs: text(given.crs),
    x: text(given.x),
    y: text(given.y),
    value: given.value === null ? null : text(given.value),
    size: text(given.size),
    group: text(given.group),
    extent: tuple(given.extent, 4) as Box | undefined,
    scale: isScale(given.scale) ? given.scale : "viridis",
    reversed: given.reversed === true,
    range: range && range[0] < range[1] ? range : undefined,
    colour: /^#[0-9a-f]{6}$/i.test(text(given.colour) ?? "") ? (given.colour as string) : colourFor(index),
    width: between(given.width, 0.5, 20, kind === "points" || kind === "shapes" ? 4 : 1.5),
    opacity: between(given.opacity, 0, 1, kind === "grid" ? 0.85 : 0.9),
    levels: Math.round(between(given.levels, 1, 50, 10)),
    smooth: given.smooth !== false,
  };
}

export function readSettings(settings: Settings): MapSettings {
  const list = Array.isArray(settings.layers) ? settings.layers : [];
  const layers = list.flatMap((entry, index) => readLayer(entry, index) ?? []);
  const ids = new Set<string>();
  const view = settings.view as Partial<View> | undefined;
  const seen = view && [view.lon, view.lat, view.zoom].every(Number.isFinite) ? (view as View) : undefined;
  return {
    // Two layers of one id would overwrite each other.
    layers: layers.filter(({ id }) => !ids.has(id) && ids.add(id)),
    view: seen && {
      lon: between(seen.lon, -540, 540, 0),
      lat: between(seen.lat, -85, 85, 0),
      zoom: between(seen.zoom, 0, 22, 1),
    },
    side: settings.side !== false,
    graticule: settings.graticule !== false,
  };
}

/** A new layer for data, after those that are there. */
export function newLayer(layers: readonly MapLayer[], data: string, name: string, kind: LayerKind): MapLayer {
  const numbers = layers.map(({ id }) => Number(/^layer-(\d+)$/.exec(id)?.[1] ?? -1));
  const index = Math.max(-1, ...numbers) + 1;
  return readLayer({ id: `layer-${index}`, data, name, kind }, index) as MapLayer;
}

/** The layers with one of them moved up or down. */
export function moved(layers: readonly MapLayer[], id: string, by: number): MapLayer[] {
  const from = layers.findIndex((layer) => layer.id === id);
  const to = Math.min(layers.length - 1, Math.max(0, from + by));
  const next = [...layers];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}
