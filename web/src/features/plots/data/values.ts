// The values that an element draws, read and thinned by the server.

import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import type { Loaded } from "../build";
import type { Column, PlotElement } from "../elements/element";
import type { ElementSpec } from "../spec";
import { bare } from "../words";
import { type Field, isUpload, type Structure } from "./structure";

export interface Wanted {
  /** Field by role; x may be absent. */
  roles: Readonly<Record<string, Field>>;
  /** Values on a grid instead of rows. */
  grid: boolean;
  points: number;
  from?: number | string;
  to?: number | string;
}

/** The most that the server answers, for elements that need every row. */
const WHOLE = 100_000;
const NODES = 250_000;

/** How many values to ask for: enough for both extremes of every pixel column. */
export function pointsFor(kind: PlotElement, width: number): number {
  if (kind.reads === "table or grid") return NODES;
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

const named = (field: Field) => ({ ...field, name: bare(field.name, field.unit) });

async function series(structure: Structure, { roles, points, from, to }: Wanted, signal: AbortSignal): Promise<Loaded> {
  const others = Object.entries(roles).filter(([role]) => role !== "x");
  const names = [...new Set(others.map(([, { name }]) => name))];
  const query = {
    ...(roles.x && { x: roles.x.name }),
    // A histogram reads one column, which then is the value.
    y: names.length > 0 ? names : roles.x ? [roles.x.name] : [],
    points,
    ...(from !== undefined && { from: String(from) }),
    ...(to !== undefined && { to: String(to) }),
  };
  const params = { path: { id: structure.id }, query };
  const answer = await body(
    isUpload(structure.id)
      ? api.GET("/api/uploads/{id}/series", { params, signal })
      : api.GET("/api/datasets/{id}/series", { params, signal }),
  );
  const columns: Record<string, Column> = {};
  for (const [role, field] of Object.entries(roles)) {
    columns[role] = {
      ...named(field),
      values: role === "x" ? answer.x : (answer.y[names.indexOf(field.name)] ?? []),
    };
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

const nodes = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

async function grid(structure: Structure, { roles, points }: Wanted, signal: AbortSignal): Promise<Loaded> {
  const { x, y, z } = roles;
  if (!x || !y || !z) throw new Error("a grid lacks a column");
  // A table that has one row for each node says which column is what.
  const of = structure.kind === "table" ? { column: x.name, row: y.name, value: z.name } : {};
  const params = { path: { id: structure.id }, query: { points, ...of } };
  const answer = await body(
    isUpload(structure.id)
      ? api.GET("/api/uploads/{id}/grid", { params, signal })
      : api.GET("/api/datasets/{id}/grid", { params, signal }),
  );
  return {
    columns: {
      x: { ...named(x), unit: answer.x_unit ?? x.unit, values: answer.x },
      y: { ...named(y), unit: answer.y_unit ?? y.unit, values: answer.y },
      z: { ...named(z), unit: answer.unit ?? z.unit, values: answer.z },
    },
    row: [],
    data: structure.id,
    from: structure.name,
    total: nodes(answer.shape),
    thinned: nodes(answer.thinned_shape) < nodes(answer.shape),
  };
}

export const valuesQuery = (structure: Structure, wanted: Wanted) =>
  queryOptions({
    queryKey: ["content", structure.id, "values", wanted],
    queryFn: ({ signal }) => (wanted.grid ? grid : series)(structure, wanted, signal),
    staleTime: Number.POSITIVE_INFINITY,
    // Not kept long: it may be large.
    gcTime: 60_000,
  });
