// From data and a layer to what is to be drawn, or to what must be asked first. Nothing is guessed in silence: where
// the coordinate system is not said by the data, by the names of its columns or by the person, the layer waits.

import { findGroup, findPosition, findValue, inDegrees } from "./columns";
import { type Crs, parseCrs, WGS84 } from "./crs";
import type { Grid, MapColumn, MapData } from "./data";
import { numbersOf } from "./data";
import { axesOfExtent, gridFromRows } from "./grid";
import type { LayerKind, MapLayer } from "./model";

export interface Need {
  what: "columns" | "crs" | "extent" | "kind";
  text: string;
}

interface Known {
  /** The columns that are used, for the form. */
  columns: { x?: string | undefined; y?: string | undefined; value?: string | undefined; group?: string | undefined };
  /** Where the system is known from, for people. */
  crsFrom?: "layer" | "data" | "columns";
}

export type Plan = Known &
  (
    | { need: Need; crs?: Crs | undefined }
    | {
        need?: undefined;
        key: string;
        crs: Crs;
        kind: LayerKind;
        x?: Float64Array;
        y?: Float64Array;
        shapes?: MapData["shapes"] & object;
        grid?: Grid;
        values: Float64Array | null;
        sizes: Float64Array | null;
        groups: MapColumn["values"] | null;
        levels: number;
        smooth: boolean;
        /** What the colours mean. */
        legend: { name: string; unit: string | null; values: Float64Array } | null;
      }
  );

const pointsOnly = (data: MapData) => data.shapes?.every((shape) => shape === null || shape.type === "Point") ?? false;

/** How data is shown before anybody chose. */
export function usualKind(data: MapData): LayerKind {
  if (data.grid) return "grid";
  if (data.shapes) return pointsOnly(data) ? "points" : "shapes";
  return "points";
}

/** The kinds that make sense for data. */
export function possibleKinds(data: MapData): LayerKind[] {
  if (data.grid) return ["grid", "contours"];
  if (data.shapes) return pointsOnly(data) ? ["points", "track", "grid", "contours"] : ["shapes"];
  return ["points", "track", "grid", "contours"];
}

/** Points of GeoJSON as two columns of coordinates. */
function coordinates(data: MapData): { x: Float64Array; y: Float64Array } {
  const of = (axis: number) =>
    Float64Array.from(data.shapes ?? [], (shape) =>
      shape?.type === "Point" ? (shape.coordinates[axis] ?? Number.NaN) : Number.NaN,
    );
  return { x: of(0), y: of(1) };
}

export function planOf(layer: MapLayer, data: MapData): Plan {
  const found = data.shapes || data.grid ? null : findPosition(data.columns);
  const columns = {
    x: layer.x ?? found?.x,
    y: layer.y ?? found?.y,
    value: valueColumn(layer, data, found),
    group: layer.group ?? findGroup(data.columns),
  };
  const gridded = layer.kind === "grid" || layer.kind === "contours";
  let x: Float64Array | undefined;
  let y: Float64Array | undefined;
  if (data.shapes && (gridded || layer.kind === "track")) ({ x, y } = coordinates(data));
  else if (!data.shapes && !data.grid) {
    x = numbersOf(data, columns.x) ?? undefined;
    y = numbersOf(data, columns.y) ?? undefined;
    if (!x || !y) {
      const text = data.columns.some(({ type }) => type === "number")
        ? "Which columns say where each row is?"
        : "It has no columns of numbers, so it has no positions.";
      return { need: { what: "columns", text }, columns };
    }
  }

  const degrees = found?.degrees === true && columns.x === found.x && columns.y === found.y;
  const system = systemOf(layer, data, degrees && x !== undefined && y !== undefined && inDegrees(x, y));
  if ("what" in system) return { need: system, columns };
  const { crs, from } = system;
  const known = { columns, crsFrom: from };

  const values = numbersOf(data, columns.value);
  const column = data.columns.find(({ name }) => name === columns.value);
  let grid = data.grid;
  if (grid && data.unplaced) {
    if (!layer.extent) {
      const text = `An array of ${grid.x.length} × ${grid.y.length} values: where does it lie?`;
      return { ...known, crs, need: { what: "extent", text } };
    }
    grid = { ...grid, ...axesOfExtent(grid.x.length, grid.y.length, layer.extent) };
  }
  if (!grid && gridded) {
    if (!values || !x || !y)
      return { ...known, crs, need: { what: "columns", text: "Which column holds the values?" } };
    const made = gridOf(x, y, values);
    if (!made) {
      const text =
        "Its points do not lie on a grid. Show them as points, or grid them first with “Gridding and contours”.";
      return { ...known, crs, need: { what: "kind", text } };
    }
    grid = { ...made, name: column?.name ?? "value", unit: column?.unit ?? null };
  }

  const legend = grid
    ? { name: grid.name, unit: grid.unit, values: grid.z }
    : values && column && layer.kind !== "track"
      ? { name: column.name, unit: column.unit, values }
      : null;
  return {
    ...known,
    key: JSON.stringify([
      layer.kind,
      crs.id,
      columns.x,
      columns.y,
      columns.value,
      layer.size,
      layer.kind === "track" && columns.group,
      layer.kind === "contours" && layer.levels,
      layer.kind === "grid" && layer.smooth,
      layer.extent,
    ]),
    crs,
    kind: layer.kind,
    ...(grid ? { grid } : data.shapes && layer.kind !== "track" ? { shapes: data.shapes } : { x, y }),
    values,
    sizes: numbersOf(data, layer.size),
    groups: data.columns.find(({ name }) => name === columns.group)?.values ?? null,
    levels: layer.levels,
    smooth: layer.smooth,
    legend,
  } as Plan;
}

function valueColumn(layer: MapLayer, data: MapData, position: ReturnType<typeof findPosition>): string | undefined {
  const gridded = layer.kind === "grid" || layer.kind === "contours";
  if (layer.value === null && !gridded) return undefined;
  return layer.value ?? findValue(data.columns, position);
}

function systemOf(
  layer: MapLayer,
  data: MapData,
  degrees: boolean,
): { crs: Crs; from: "layer" | "data" | "columns" } | Need {
  for (const [text, from] of [
    [layer.crs, "layer"],
    [data.crs, "data"],
  ] as const) {
    if (!text) continue;
    const crs = parseCrs(text);
    if (crs) return { crs, from };
    return {
      what: "crs",
      text: `The coordinate system “${text}” is not known here. Choose another or give it as a proj4 text.`,
    };
  }
  if (degrees) return { crs: WGS84, from: "columns" };
  return { what: "crs", text: "Which coordinate system are its coordinates in?" };
}

// Finding a grid in a hundred thousand rows takes a moment, and forms ask for it again at every stroke.
const grids = new WeakMap<Float64Array, { x: Float64Array; y: Float64Array; grid: ReturnType<typeof gridFromRows> }>();

function gridOf(x: Float64Array, y: Float64Array, z: Float64Array) {
  const before = grids.get(z);
  if (before && before.x === x && before.y === y) return before.grid;
  const grid = gridFromRows(x, y, z);
  grids.set(z, { x, y, grid });
  return grid;
}
