// What is chosen in the browser of data: how the list is narrowed and ordered, and what is shown. A page keeps it in
// its address, a panel in its settings; both may be edited or old, so nothing of it is trusted.

import type { DataKind } from "../queries";

export const sorts = ["-created_at", "created_at", "name", "-name", "-size", "size"] as const;
export type Sort = (typeof sorts)[number];

export interface Choice {
  /** Part of a name. */
  name?: string;
  kind?: DataKind;
  /** A word of `typeGroups`. */
  type?: string;
  /** The id of the process that wrote it. */
  process?: string;
  sort?: Sort;
  /** What is shown: the id of an upload or dataset. */
  data?: string;
}

/** Media types that people ask for by one word; a type that ends in `/` stands for all that begin with it. */
export const typeGroups: Record<string, { label: string; types: readonly string[] }> = {
  table: {
    label: "Tables",
    types: ["text/csv", "text/tab-separated-values", "application/vnd.apache.parquet"],
  },
  array: { label: "Arrays", types: ["application/x-npy"] },
  image: { label: "Images", types: ["image/"] },
  geojson: { label: "GeoJSON", types: ["application/geo+json"] },
  json: { label: "JSON", types: ["application/json", "application/x-ndjson"] },
  figure: { label: "Figures", types: ["application/vnd.plotly.v1+json"] },
  text: { label: "Texts", types: ["text/plain", "text/markdown", "text/html"] },
};

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value.slice(0, 300) : undefined);
const among = <T extends string>(value: unknown, all: readonly T[]) => all.find((one) => one === value);

export function choiceFrom(from: Record<string, unknown>): Choice {
  const choice: Choice = {
    name: text(from.name),
    kind: among(from.kind, ["uploads", "datasets"]),
    type: among(from.type, Object.keys(typeGroups)),
    process: text(from.process),
    sort: among(from.sort, sorts),
    data: text(from.data),
  };
  // Absent rather than undefined, so that an address stays short.
  return Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== undefined));
}

/** Whether the list is narrowed at all. */
export const narrowed = ({ name, kind, type, process }: Choice): boolean => Boolean(name || kind || type || process);
