// The features of a GeoJSON document (RFC 7946) as a table of their properties.

export interface FeatureTable {
  total: number;
  /** How many there are of each type of geometry. */
  geometries: [string, number][];
  columns: string[];
  rows: string[][];
}

/** Properties beyond these are not shown as columns. */
const COLUMNS = 60;
/** Features whose properties are looked at for columns. */
const LOOKED = 2000;
const CELL = 300;

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;

export function featuresOf(document: unknown): readonly unknown[] {
  if (member(document, "type") === "Feature") return [document];
  const features = member(document, "features");
  if (Array.isArray(features)) return features;
  return member(document, "type") === undefined ? [] : [{ geometry: document }];
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "object") return String(value).slice(0, CELL);
  // Not JSON.stringify: it recurses, and the value may be nested without end.
  return Array.isArray(value) ? `[${value.length}]` : `{${Object.keys(value).length}}`;
}

export function featureTable(document: unknown, from: number, count: number): FeatureTable {
  const features = featuresOf(document);
  const names = new Set<string>();
  for (const feature of features.slice(0, LOOKED)) {
    const properties = member(feature, "properties");
    if (typeof properties !== "object" || properties === null) continue;
    for (const name of Object.keys(properties)) if (names.size < COLUMNS) names.add(name);
  }
  const kinds = new Map<string, number>();
  for (const feature of features) {
    const type = member(member(feature, "geometry"), "type");
    const kind = typeof type === "string" ? type.slice(0, 40) : "none";
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const columns = [...names];
  const rows = features.slice(from, from + count).map((feature) => {
    const properties = member(feature, "properties");
    const type = member(member(feature, "geometry"), "type");
    return [
      typeof type === "string" ? type.slice(0, 40) : "",
      ...columns.map((name) => cell(member(properties, name))),
    ];
  });
  return { total: features.length, geometries: [...kinds].toSorted((a, b) => b[1] - a[1]).slice(0, 10), columns, rows };
}
