// Outputs of a cell as plain values.

import * as Y from "yjs";
import type { YCell } from "./document";

/** What was too large for the document. */
export interface Stored {
  id: string;
  bytes: number;
  lines?: number;
  /** Its end, at most 2 kB. */
  tail?: string;
  /** Not all of it was stored. */
  truncated?: boolean;
  /** Whose quota cut it: that of the cell, the notebook or the project. */
  quota?: string;
  /** How much there was. */
  produced?: number;
}

export interface StreamOutput {
  id: string;
  kind: "stream";
  name: string;
  text: string;
  stored: Stored | undefined;
}

export interface DataOutput {
  id: string;
  kind: "data";
  /** Of an expression's value: its number. */
  count: number | null;
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  stored: Record<string, Stored>;
}

export interface ErrorOutput {
  id: string;
  kind: "error";
  name: string;
  value: string;
  traceback: readonly string[];
}

export type CellOutput = StreamOutput | DataOutput | ErrorOutput;

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

const word = (value: unknown): string => (typeof value === "string" ? value : value == null ? "" : String(value));

function stored(value: unknown): Stored | undefined {
  const { id, bytes } = record(value);
  return typeof id === "string" ? ({ ...record(value), id, bytes: Number(bytes) || 0 } as Stored) : undefined;
}

/** One output; `at` stands for an id that is missing. */
export function outputOf(value: unknown, at: number): CellOutput | undefined {
  const fields = value instanceof Y.Map ? value.toJSON() : record(value);
  const id = word(fields.id) || `${at}`;
  switch (fields.output_type) {
    case "stream":
      return {
        id,
        kind: "stream",
        name: word(fields.name) || "stdout",
        text: Array.isArray(fields.text) ? fields.text.join("") : word(fields.text),
        stored: stored(record(fields.stored).text),
      };
    case "display_data":
    case "execute_result":
    case "update_display_data":
      return {
        id,
        kind: "data",
        count: typeof fields.execution_count === "number" ? fields.execution_count : null,
        data: record(fields.data),
        metadata: record(fields.metadata),
        stored: Object.fromEntries(
          Object.entries(record(fields.stored)).flatMap(([type, value]) => {
            const found = stored(value);
            return found ? [[type, found]] : [];
          }),
        ),
      };
    case "error":
      return {
        id,
        kind: "error",
        name: word(fields.ename),
        value: word(fields.evalue),
        traceback: Array.isArray(fields.traceback) ? fields.traceback.map(word) : [],
      };
    default:
      return undefined;
  }
}

export function outputsOf(cell: YCell | undefined): CellOutput[] {
  const outputs = cell?.get("outputs");
  if (!(outputs instanceof Y.Array)) return [];
  return outputs.toArray().flatMap((value, at) => outputOf(value, at) ?? []);
}

/** A value of a bundle as text: nbformat writes long texts as lists of lines. */
export const textIn = (value: unknown): string =>
  Array.isArray(value) ? value.map(word).join("") : typeof value === "object" ? JSON.stringify(value) : word(value);
