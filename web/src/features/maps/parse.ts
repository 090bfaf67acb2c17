// Files into what a map can draw. Runs in the worker: a survey may have a hundred thousand rows.

import type { Feature, Geometry } from "geojson";
import type { Grid, MapColumn, MapData } from "./data";

/** A mistake in the file that a person can act on. */
export class Unreadable extends Error {}

const HEADING = /^(.*\S)\s*[([]([^()[\]]+)[)\]]$/;

/** `depth (km)` as name and unit. */
export function splitHeading(heading: string): { name: string; unit: string | null } {
  const [, name, unit] = HEADING.exec(heading.trim()) ?? [];
  return name && unit ? { name, unit } : { name: heading.trim(), unit: null };
}

export function parse(bytes: ArrayBuffer, mediaType: string, name: string): MapData {
  const plain = mediaType.split(";")[0]?.trim() ?? "";
  if (/npy/.test(plain) || /\.npy$/i.test(name)) return fromArray(bytes);
  const text = new TextDecoder().decode(bytes);
  if (/json/.test(plain) || /\.(geo)?json$/i.test(name)) return fromJson(text);
  return fromTable(text);
}

// -- Tables --

function delimiterOf(line: string): string {
  const counts = [",", "\t", ";", "|"].map((sign) => [sign, line.split(sign).length] as const);
  const [best] = counts.sort((one, other) => other[1] - one[1]);
  return best && best[1] > 1 ? best[0] : ",";
}

/** Cells row by row (RFC 4180), without lines that are empty or begin with `#`. */
export function cells(text: string): string[][] {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const first = /^(?:\s*(?:#.*)?\r?\n)*(.*)/.exec(body)?.[1] ?? "";
  const sign = delimiterOf(first);
  const rows: string[][] = [];
  let at = 0;
  while (at < body.length) {
    const end = body.indexOf("\n", at);
    const line = body.slice(at, end < 0 ? body.length : end);
    if (!line.includes('"')) {
      at = end < 0 ? body.length : end + 1;
      const bare = line.endsWith("\r") ? line.slice(0, -1) : line;
      if (bare.trim() !== "" && !bare.startsWith("#")) rows.push(bare.split(sign));
      continue;
    }
    const [row, next] = quoted(body, at, sign);
    rows.push(row);
    at = next;
  }
  return rows;
}

/** One row that has quotes, which may hold line ends; answers it and where the next begins. */
function quoted(text: string, begin: number, sign: string): [string[], number] {
  const row: string[] = [];
  let cell = "";
  let inside = false;
  let at = begin;
  for (; at < text.length; at += 1) {
    const letter = text[at];
    if (inside) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else inside = false;
    } else if (letter === '"') inside = true;
    else if (letter === sign) {
      row.push(cell);
      cell = "";
    } else if (letter === "\n") break;
    else if (letter !== "\r") cell += letter;
  }
  row.push(cell);
  return [row, at + 1];
}

const MISSING = /^(|na|nan|null|none|-|\*)$/i;

function columnOf(name: string, unit: string | null, texts: (string | null)[]): MapColumn {
  const numbers = new Float64Array(texts.length).fill(Number.NaN);
  let some = false;
  for (let row = 0; row < texts.length; row += 1) {
    const text = texts[row]?.trim() ?? "";
    if (MISSING.test(text)) continue;
    const number = Number(text);
    if (Number.isNaN(number)) return { name, unit, type: "text", values: texts };
    numbers[row] = number;
    some = true;
  }
  return some ? { name, unit, type: "number", values: numbers } : { name, unit, type: "text", values: texts };
}

function fromTable(text: string): MapData {
  const [head, ...rows] = cells(text);
  if (!head || rows.length === 0) throw new Unreadable("it is no table with a heading and rows");
  const columns = head.map((raw, index) => {
    const { name, unit } = splitHeading(raw);
    const texts = rows.map((row) => row[index] ?? null);
    return columnOf(name, unit, texts);
  });
  return { rows: rows.length, columns };
}

// -- JSON --

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function fromJson(text: string): MapData {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Unreadable("it is not valid JSON");
  }
  if (Array.isArray(value) && value.every(isObject)) return fromRecords(value);
  if (!isObject(value)) throw new Unreadable("it has no positions");
  if (value.type === "FeatureCollection" && Array.isArray(value.features)) {
    return fromFeatures(value.features as Feature[], crsOf(value));
  }
  if (value.type === "Feature") return fromFeatures([value as unknown as Feature], crsOf(value));
  if (typeof value.type === "string" && ("coordinates" in value || "geometries" in value)) {
    const feature = { type: "Feature", geometry: value as unknown as Geometry, properties: {} } as Feature;
    return fromFeatures([feature], crsOf(value));
  }
  const grid = gridOf(value);
  if (grid) return { rows: grid.z.length, columns: [], grid, crs: crsOf(value) ?? crsOfGrid(value) };
  throw new Unreadable("it is neither GeoJSON nor a grid with coordinates and values");
}

/** The `crs` member: ours is a text, that of GeoJSON before RFC 7946 an object. */
function crsOf(value: Json): string | undefined {
  if (typeof value.crs === "string") return value.crs;
  if (!isObject(value.crs)) return undefined;
  const { properties } = value.crs;
  return isObject(properties) && typeof properties.name === "string" ? properties.name : undefined;
}

/** Without a word about the system, GeoJSON is in WGS 84 (RFC 7946, section 4). */
const GEOJSON_CRS = "EPSG:4326";

function fromRecords(records: readonly Json[]): MapData {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return { rows: records.length, columns: names.map((name) => valuesOf(name, records)) };
}

/** Numbers when all that is there are numbers, else text. */
function valuesOf(name: string, records: readonly (Json | null)[]): MapColumn {
  const { name: bare, unit } = splitHeading(name);
  const values = records.map((record) => record?.[name] ?? null);
  const number =
    values.some((value) => value !== null) && values.every((value) => value === null || typeof value === "number");
  return number
    ? {
        name: bare,
        unit,
        type: "number",
        values: Float64Array.from(values, (value) => (value === null ? Number.NaN : (value as number))),
      }
    : {
        name: bare,
        unit,
        type: "text",
        values: values.map((value) =>
          value === null ? null : typeof value === "object" ? JSON.stringify(value) : String(value),
        ),
      };
}

function fromFeatures(features: readonly Feature[], crs: string | undefined): MapData {
  const records = features.map((feature) => (isObject(feature?.properties) ? (feature.properties as Json) : null));
  const names = [...new Set(records.flatMap((record) => (record ? Object.keys(record) : [])))];
  const columns = names.map((name) => valuesOf(name, records));
  const shapes = features.map((feature) => feature?.geometry ?? null);
  const heights = shapes.map((shape) => (shape?.type === "Point" ? (shape.coordinates[2] ?? Number.NaN) : Number.NaN));
  // The third coordinate is a value as well: depth or height.
  if (heights.some(Number.isFinite) && !names.includes("z")) {
    columns.push({ name: "z", unit: null, type: "number", values: Float64Array.from(heights) });
  }
  return { rows: features.length, columns, shapes, crs: crs ?? GEOJSON_CRS };
}

const numbers = (value: unknown): Float64Array | null =>
  Array.isArray(value) && value.length > 1 && value.every((entry) => typeof entry === "number")
    ? Float64Array.from(value as number[])
    : null;

const axes: readonly [string, string][] = [
  ["lon", "lat"],
  ["longitude", "latitude"],
  ["easting", "northing"],
  ["x", "y"],
];

function crsOfGrid(value: Json): string | undefined {
  // Names that say longitude and latitude leave nothing to ask.
  return axes.slice(0, 2).some(([x, y]) => x in value && y in value) ? GEOJSON_CRS : undefined;
}

function gridOf(value: Json): Grid | null {
  const found = axes.find(([x, y]) => numbers(value[x]) && numbers(value[y]));
  const z = [value.values, value.z, value.data].find(Array.isArray) as unknown[] | undefined;
  const [x, y] = [numbers(found && value[found[0]]), numbers(found && value[found[1]])];
  if (!z || !x || !y) return null;
  const flat = z.flat(2) as unknown[];
  if (flat.length !== x.length * y.length) {
    throw new Unreadable(`it has ${flat.length} values for ${x.length} × ${y.length} nodes`);
  }
  return {
    x,
    y,
    z: Float64Array.from(flat, (entry) => (typeof entry === "number" ? entry : Number.NaN)),
    name: typeof value.name === "string" ? value.name : "value",
    unit: typeof value.unit === "string" ? value.unit : null,
  };
}

// -- Arrays (NumPy's .npy, format 1 to 3) --

const readers: Record<string, (view: DataView, at: number, little: boolean) => number> = {
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  b1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
};

function fromArray(bytes: ArrayBuffer): MapData {
  const view = new DataView(bytes);
  const letters = new TextDecoder("latin1").decode(bytes.slice(0, 8));
  if (!letters.startsWith("\u0093NUMPY")) throw new Unreadable("it is no NumPy array");
  const long = view.getUint8(6) > 1;
  const begin = long ? 12 : 10;
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = new TextDecoder("latin1").decode(bytes.slice(begin, begin + length));
  const [, order = "<", kind = ""] = /'descr':\s*'([<>|=]?)(\w\d)'/.exec(header) ?? [];
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? "")
    .split(",")
    .flatMap((part) => (part.trim() ? [Number(part)] : []));
  const read = readers[kind];
  const [rows, columns] = shape;
  if (!read || shape.length !== 2 || !rows || !columns || rows < 2 || columns < 2) {
    throw new Unreadable("a map draws arrays of two dimensions and plain numbers");
  }
  const fortran = /'fortran_order':\s*True/.test(header);
  const size = Number(kind[1]);
  if (bytes.byteLength < begin + length + rows * columns * size) throw new Unreadable("the array is cut off");
  const z = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const at = fortran ? column * rows + row : row * columns + column;
      z[row * columns + column] = read(view, begin + length + at * size, order !== ">");
    }
  }
  const count = (length_: number) => Float64Array.from({ length: length_ }, (_, index) => index);
  return {
    rows: z.length,
    columns: [],
    grid: { x: count(columns), y: count(rows), z, name: "value", unit: null },
    unplaced: true,
  };
}
