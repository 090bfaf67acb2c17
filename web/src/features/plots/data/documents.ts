// JSON documents that are tables or grids: GeoJSON features with their properties, rows as objects, and grids with
// their values and coordinates. Foreign input: everything is looked at before it is used.

import type { Columns, ColumnType } from "../elements/element";
import type { Field } from "./structure";

type Loose = Record<string, unknown>;
const isRecord = (value: unknown): value is Loose =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** One record per row, or null when it is no table. */
export function rowsOf(document: unknown): Loose[] | null {
  if (Array.isArray(document)) return document.length > 0 && document.every(isRecord) ? (document as Loose[]) : null;
  if (!isRecord(document) || !Array.isArray(document.features)) return null;
  return document.features.filter(isRecord).map((feature) => {
    const geometry = isRecord(feature.geometry) ? feature.geometry : {};
    const place = geometry.type === "Point" && Array.isArray(geometry.coordinates) ? geometry.coordinates : [];
    const [lon, lat, z] = place as unknown[];
    const own = isRecord(feature.properties) ? feature.properties : {};
    const at = place.length > 1 ? { lon, lat, ...(z !== undefined && { z }) } : {};
    return { ...at, ...own };
  });
}

const SAMPLE = 200;
const TIME = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)/;

function typeOf(rows: readonly Loose[], name: string): ColumnType {
  const known = rows
    .slice(0, SAMPLE)
    .flatMap((row) => (row[name] === null || row[name] === undefined ? [] : [row[name]]));
  if (known.length === 0) return "other";
  if (known.every((value) => typeof value === "number")) return "number";
  return known.every((value) => typeof value === "string" && TIME.test(value)) ? "time" : "other";
}

const degrees = new Set(["lon", "lat"]);

export function featureFields(document: unknown): Field[] | null {
  const rows = rowsOf(document);
  if (!rows) return null;
  const names = new Set(rows.slice(0, SAMPLE).flatMap((row) => Object.keys(row)));
  return [...names]
    .filter((name) => !rows.some((row) => typeof row[name] === "object" && row[name] !== null))
    .map((name) => ({ name, unit: degrees.has(name) ? "deg" : null, type: typeOf(rows, name) }));
}

const list = (value: unknown): readonly unknown[] | null => (Array.isArray(value) && value.length > 0 ? value : null);

interface Grid {
  across: readonly unknown[];
  down: readonly unknown[];
  values: readonly (readonly unknown[])[];
  names: readonly [string, string];
  named: string | undefined;
  unit: string | null;
}

/** `{lon, lat, values}` or `{x, y, values}`, as processes write grids; coordinates may be absent. */
function gridIn(document: unknown): Grid | null {
  if (!isRecord(document)) return null;
  const rows = list(document.values) ?? list(document.z);
  if (!rows?.every((row) => Array.isArray(row) && row.length === (rows[0] as unknown[]).length)) return null;
  const values = rows as readonly (readonly unknown[])[];
  const geographic = list(document.lon) !== null && list(document.lat) !== null;
  const count = (length: number) => Array.from({ length }, (_, at) => at);
  const [across, down] = geographic ? [list(document.lon), list(document.lat)] : [list(document.x), list(document.y)];
  return {
    across: across ?? count(values[0]?.length ?? 0),
    down: down ?? count(values.length),
    values,
    names: geographic ? ["lon", "lat"] : across && down ? ["x", "y"] : ["column", "row"],
    named: typeof document.name === "string" ? document.name : undefined,
    unit: typeof document.unit === "string" ? document.unit : null,
  };
}

export function gridFields(document: unknown, called: string): Field[] | null {
  const grid = gridIn(document);
  if (!grid) return null;
  const [x, y] = grid.names;
  const unit = degrees.has(x) ? "deg" : null;
  return [
    { name: x, unit, type: "number" },
    { name: y, unit, type: "number" },
    { name: grid.named ?? called, unit: grid.unit, type: "number" },
  ];
}

/** The grid's columns by role. */
export function gridColumns(document: unknown, fields: readonly Field[]): Columns {
  const grid = gridIn(document);
  const [x, y, z] = fields;
  if (!grid || !x || !y || !z) return {};
  return {
    x: { ...x, values: grid.across },
    y: { ...y, values: grid.down },
    z: { ...z, values: grid.values },
  };
}
