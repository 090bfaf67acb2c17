// What is in an upload or dataset, as far as a plot needs to know.

import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";
import { Problem } from "@/shared/api/problem";
import type { Dataset, Upload } from "@/shared/api/types";
import type { ColumnType } from "../elements/element";

export interface Field {
  /** As it stands in the file; requests name it so. */
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
  /** Rows and columns; values on a grid (fields are what is across, down, and the values); neither. */
  kind: "table" | "grid" | "none";
  fields: readonly Field[];
}

export const isUpload = (id: string): boolean => id.startsWith("up_");

const types: Record<string, ColumnType> = { integer: "number", number: "number", time: "time" };

type Columns = Dataset["columns"];

const fieldsOf = (columns: Columns): Field[] =>
  columns.map(({ name, unit, type }) => ({ name, unit: unit ?? null, type: types[type] ?? "other" }));

/** The least that a grid answers: enough to see what it is of. */
const GLANCE = 4;

async function gridFields(id: string): Promise<Field[] | null> {
  const params = { path: { id }, query: { points: GLANCE } };
  try {
    const grid = await body(
      isUpload(id) ? api.GET("/api/uploads/{id}/grid", { params }) : api.GET("/api/datasets/{id}/grid", { params }),
    );
    const number = { type: "number" as const };
    return [
      { ...number, name: grid.x_name, unit: grid.x_unit ?? null, type: grid.x.some(isTime) ? "time" : "number" },
      { ...number, name: grid.y_name, unit: grid.y_unit ?? null, type: grid.y.some(isTime) ? "time" : "number" },
      { ...number, name: grid.name, unit: grid.unit ?? null },
    ];
  } catch (error) {
    // Whatever it is, it is no grid.
    if (error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 401) return null;
    throw error;
  }
}

const isTime = (cell: unknown) => typeof cell === "string";

/** Arrays and documents may be grids; tables are tables, however wide. */
const mayBeGrid = (mediaType: string) => /npy|numpy|octet-stream|application\/json/.test(mediaType);

async function read(id: string): Promise<Structure> {
  const params = { path: { id } };
  const view: Upload | Dataset = await body<Upload | Dataset>(
    isUpload(id) ? api.GET("/api/uploads/{id}", { params }) : api.GET("/api/datasets/{id}", { params }),
  );
  const common = {
    id,
    name: view.name,
    mediaType: view.media_type,
    sha256: view.sha256,
    ...("process" in view && {
      process: view.process,
      version: view.version,
      ...(view.process_name && { processName: view.process_name }),
    }),
  };
  const grid = mayBeGrid(view.media_type) ? await gridFields(id) : null;
  if (grid) return { ...common, kind: "grid", fields: grid };
  const fields = fieldsOf(view.columns);
  return { ...common, kind: fields.length > 0 ? "table" : "none", fields };
}

// Data never changes once it is written, so it stays fresh.
export const structureQuery = (id: string) =>
  queryOptions({
    queryKey: ["preview", id, "structure"],
    queryFn: () => read(id),
    staleTime: Number.POSITIVE_INFINITY,
  });
