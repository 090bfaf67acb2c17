// What is in an upload or dataset, as far as a plot needs to know.

import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import type { DatasetDetail, Preview, Upload } from "@/shared/api/types";
import type { ColumnType } from "../elements/element";
import { contentQuery, readable } from "./content";
import { featureFields, gridFields } from "./documents";

export interface Field {
  name: string;
  unit: string | null;
  type: ColumnType;
}

export interface Structure {
  id: string;
  name: string;
  mediaType: string;
  sha256: string;
  /** The process and version that wrote it, for datasets. */
  process?: string;
  processName?: string;
  version?: number;
  /** Rows and columns; values on a grid; neither. */
  kind: "table" | "grid" | "none";
  fields: readonly Field[];
  /** Who reads and thins it: the server, or the browser for what is a JSON document. */
  by: "server" | "browser";
}

export const isUpload = (id: string): boolean => id.startsWith("up_");

const types: Record<string, ColumnType> = { integer: "number", number: "number", float: "number", time: "time" };
const columnType = (type: unknown): ColumnType => types[String(type)] ?? "other";

interface Said {
  name?: unknown;
  unit?: unknown;
  type?: unknown;
}

/** What the server says of the columns, with their types; it says so of every table. */
function declared(columns: unknown): Field[] {
  if (!Array.isArray(columns)) return [];
  return (columns as Said[]).flatMap(({ name, unit, type }) =>
    typeof name === "string" && typeof type === "string"
      ? [{ name, unit: typeof unit === "string" ? unit : null, type: columnType(type) }]
      : [],
  );
}

function fromPreview(preview: Preview, view: { columns?: unknown; units?: string | null }): Field[] {
  if (preview.kind !== "table") return [];
  let units: Record<string, unknown> = {};
  try {
    units = JSON.parse(view.units ?? "{}") ?? {};
  } catch {
    // One word for all values: which column it means is unknown.
  }
  return preview.columns.map(({ name, type }) => {
    const inHeading = /[([]([^()[\]]+)[)\]]\s*$/.exec(name)?.[1] ?? null;
    const unit = units[name];
    return { name, unit: typeof unit === "string" ? unit : inHeading, type: columnType(type) };
  });
}

async function read(id: string): Promise<Structure> {
  const params = { path: { id } };
  const view: Upload | DatasetDetail = await body<Upload | DatasetDetail>(
    isUpload(id) ? api.GET("/api/uploads/{id}", { params }) : api.GET("/api/datasets/{id}", { params }),
  );
  const { process, version, process_name } = view as { process?: string; version?: number; process_name?: string };
  const common = {
    id,
    name: view.name,
    mediaType: view.media_type,
    sha256: view.sha256,
    ...(process && { process }),
    ...(process_name && { processName: process_name }),
    ...(version && { version }),
  };
  const columns = (view as { columns?: unknown }).columns;
  const said = view.media_type.includes("json") ? [] : declared(columns);
  if (said.length > 0) return { ...common, kind: "table", fields: said, by: "server" };
  if (view.media_type.includes("json")) {
    if (!readable(view)) return { ...common, kind: "none", fields: [], by: "browser" };
    const content = await contentQuery(id).queryFn();
    const features = featureFields(content);
    if (features) return { ...common, kind: "table", fields: features, by: "browser" };
    const grid = gridFields(content, view.name);
    return { ...common, kind: grid ? "grid" : "none", fields: grid ?? [], by: "browser" };
  }
  const query = { rows: 100 };
  const preview = await body<Preview>(
    isUpload(id)
      ? api.GET("/api/uploads/{id}/preview", { params: { ...params, query } })
      : api.GET("/api/datasets/{id}/preview", { params: { ...params, query } }),
  );
  const { kind, shape } = preview as { kind: string; shape?: number[] };
  if (kind === "array") {
    const two = shape?.length === 2;
    const unit = (view as { units?: string | null }).units ?? null;
    return { ...common, kind: two ? "grid" : "none", fields: two ? gridOf(view.name, unit) : [], by: "server" };
  }
  const fields = fromPreview(preview, view as { columns?: unknown; units?: string | null });
  return { ...common, kind: fields.length > 0 ? "table" : "none", fields, by: "server" };
}

/** A plain array is values over row and column. */
const gridOf = (name: string, unit: string | null): Field[] => [
  { name: "column", unit: null, type: "number" },
  { name: "row", unit: null, type: "number" },
  { name, unit, type: "number" },
];

// Data never changes once it is written, so it stays fresh.
export const structureQuery = (id: string) =>
  queryOptions({
    queryKey: ["preview", id, "structure"],
    queryFn: () => read(id),
    staleTime: Number.POSITIVE_INFINITY,
  });
