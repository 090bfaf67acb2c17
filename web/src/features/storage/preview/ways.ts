// In which ways something can be looked at, the best first.

import type { Preview } from "@/shared/api/types";
import type { ArrayShown } from "./array";
import { DOCUMENT_LIMIT } from "./document";
import { MARKDOWN_LIMIT } from "./markdown";

/** What newer servers show besides. */
export type Shown =
  | Preview
  | (ArrayShown & Pick<Preview, "media_type" | "size" | "truncated">)
  | ({ kind: "geojson"; crs?: string } & Pick<Preview, "media_type" | "size" | "truncated">);

export type Way = "table" | "features" | "tree" | "array" | "picture" | "page" | "text" | "bytes";

export const wayWords: Record<Way, string> = {
  table: "Table",
  features: "Features",
  tree: "Tree",
  array: "Array",
  picture: "Picture",
  page: "Page",
  text: "Text",
  bytes: "Bytes",
};

export function waysOf(shown: Pick<Shown, "kind" | "media_type" | "size">): Way[] {
  const { kind, size } = shown;
  const type = shown.media_type.split(";")[0]?.trim().toLowerCase() ?? "";
  // Media types are what somebody said: what the server found by looking decides where they differ.
  if (kind === "image") return ["picture", "bytes"];
  if (kind === "array") return ["array", "bytes"];
  if (kind === "binary") return ["bytes"];
  if (kind === "table") return ["table", "text", "bytes"];
  const json = type === "application/json" || type.endsWith("+json");
  if (kind === "geojson" || (type === "application/geo+json" && kind === "json")) {
    return size <= DOCUMENT_LIMIT ? ["features", "tree", "text", "bytes"] : ["text", "bytes"];
  }
  if (kind === "json" || (json && size <= DOCUMENT_LIMIT && size > 0)) return ["tree", "text", "bytes"];
  if (type === "text/markdown" && size <= MARKDOWN_LIMIT) return ["page", "text", "bytes"];
  if (type === "image/svg+xml") return ["text", "picture", "bytes"];
  return ["text", "bytes"];
}
