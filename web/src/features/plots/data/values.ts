// The values that an element draws, read and thinned by the server, or by the browser where only it can.

import { queryOptions } from "@tanstack/react-query";
import { request } from "@/shared/api/client";
import { Problem } from "@/shared/api/problem";
import type { Loaded } from "../build";
import type { Column, Columns, PlotElement } from "../elements/element";
import type { ElementSpec } from "../spec";
import { bare } from "../words";
import { contentQuery, pathOf } from "./content";
import { gridColumns, rowsOf } from "./documents";
import type { Field, Structure } from "./structure";
import { thin, within } from "./thin";

export interface Wanted {
  /** Field by role; x may be absent. */
  roles: Readonly<Record<string, Field>>;
  points: number;
  from?: number | string;
  to?: number | string;
}

/** What an element that needs every row asks for: the most that a browser draws without pausing. */
const WHOLE = 200_000;
const NODES = 250_000;

/** How many values to ask for: enough for both extremes of every pixel column. */
export function pointsFor(kind: PlotElement, width: number): number {
  // By the hundred: a splitter that is dragged does not ask at every pixel.
  return kind.whole ? WHOLE : Math.max(400, Math.ceil((2 * width) / 200) * 200);
}

/** The fields an element draws, or the role that lacks one. */
export function rolesOf(
  kind: PlotElement,
  element: ElementSpec,
  structure: Structure,
): Wanted["roles"] | { lacks: string } {
  if (structure.kind === "grid" && kind.reads === "table or grid") {
    const [x, y, z] = structure.fields as [Field, Field, Field];
    return { x, y, z };
  }
  const found: Record<string, Field> = {};
  for (const role of kind.roles) {
    const name = element.columns[role.id];
    const field = structure.fields.find((candidate) => candidate.name === name);
    if (field && role.types.includes(field.type)) found[role.id] = field;
    else if (!role.optional) return { lacks: role.title };
  }
  return found;
}

interface SeriesAnswer {
  rows_total: number;
  rows_in_range: number;
  thinned: boolean;
  columns: { name: string; unit: string | null; type: string }[];
  row: number[];
  x: unknown[];
  y: unknown[][];
}

async function series(structure: Structure, { roles, points, from, to }: Wanted, signal: AbortSignal): Promise<Loaded> {
  const query = new URLSearchParams();
  if (roles.x) query.set("x", roles.x.name);
  const others = Object.entries(roles).filter(([role]) => role !== "x");
  const names = [...new Set(others.map(([, { name }]) => name))];
  // A histogram reads one column, which then is the value.
  for (const name of names.length > 0 ? names : roles.x ? [roles.x.name] : []) query.append("y", name);
  query.set("points", String(points));
  if (from !== undefined) query.set("from", String(from));
  if (to !== undefined) query.set("to", String(to));
  const answer = (await (await request(`${pathOf(structure.id)}/series?${query}`, { signal })).json()) as SeriesAnswer;
  const columns: Record<string, Column> = {};
  for (const [role, field] of Object.entries(roles)) {
    const values = role === "x" ? answer.x : (answer.y[names.indexOf(field.name)] ?? []);
    columns[role] = { ...field, name: bare(field.name, field.unit), values };
  }
  return {
    columns,
    row: answer.row,
    data: structure.id,
    from: structure.name,
    total: answer.rows_total,
    thinned: answer.thinned,
  };
}

/** The same of rows that the browser has. */
function fromRows(rows: readonly Record<string, unknown>[], structure: Structure, wanted: Wanted): Loaded {
  const column = (field: Field) => rows.map((row) => row[field.name] ?? null);
  const all = Object.fromEntries(Object.entries(wanted.roles).map(([role, field]) => [role, column(field)]));
  const x = all.x ?? rows.map((_, row) => row);
  const inRange = within(x, wanted);
  const ys = Object.entries(all).filter(([role]) => role !== "x");
  const row = thin(
    inRange,
    ys.map(([, values]) => values),
    wanted.points,
  );
  const columns: Record<string, Column> = {};
  for (const [role, field] of Object.entries(wanted.roles)) {
    const values = all[role] ?? [];
    columns[role] = { ...field, name: bare(field.name, field.unit), values: row.map((at) => values[at]) };
  }
  return {
    columns,
    row,
    data: structure.id,
    from: structure.name,
    total: rows.length,
    thinned: row.length < inRange.length,
  };
}

interface GridAnswer {
  shape: number[];
  thinned_shape: number[];
  x?: unknown[] | null;
  y?: unknown[] | null;
  z: unknown[][];
  unit?: string | null;
}

async function grid(structure: Structure, signal: AbortSignal): Promise<Loaded> {
  const whole = { row: [], data: structure.id, from: structure.name };
  if (structure.by === "browser") {
    const columns = gridColumns(await contentQuery(structure.id).queryFn(), structure.fields);
    const total = (columns.x?.values.length ?? 0) * (columns.y?.values.length ?? 0);
    return { ...whole, columns, total, thinned: false };
  }
  const answer = (await (
    await request(`${pathOf(structure.id)}/grid?points=${NODES}`, { signal })
  ).json()) as GridAnswer;
  const [x, y, z] = structure.fields as [Field, Field, Field];
  const count = (length: number) => Array.from({ length }, (_, at) => at);
  const columns: Columns = {
    x: { ...x, values: answer.x ?? count(answer.z[0]?.length ?? 0) },
    y: { ...y, values: answer.y ?? count(answer.z.length) },
    z: { ...z, unit: answer.unit ?? z.unit, values: answer.z },
  };
  const nodes = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
  return { ...whole, columns, total: nodes(answer.shape), thinned: nodes(answer.thinned_shape) < nodes(answer.shape) };
}

async function read(structure: Structure, wanted: Wanted, signal: AbortSignal): Promise<Loaded> {
  if (structure.kind === "grid") return grid(structure, signal);
  if (structure.by === "browser") {
    return fromRows(rowsOf(await contentQuery(structure.id).queryFn()) ?? [], structure, wanted);
  }
  try {
    return await series(structure, wanted, signal);
  } catch (error) {
    // An older server has no series.
    if (!(error instanceof Problem) || error.status !== 404) throw error;
    return fromRows(
      (await contentQuery(structure.id, "json").queryFn()) as Record<string, unknown>[],
      structure,
      wanted,
    );
  }
}

export const valuesQuery = (structure: Structure, wanted: Wanted) =>
  queryOptions({
    queryKey: ["content", structure.id, "values", wanted],
    queryFn: ({ signal }) => read(structure, wanted, signal),
    staleTime: Number.POSITIVE_INFINITY,
    // Not kept long: it may be large.
    gcTime: 60_000,
  });
