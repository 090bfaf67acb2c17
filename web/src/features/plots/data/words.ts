// Fields and counts in words.

import { plural } from "@/shared/lib/format";
import type { Loaded } from "../build";

/** "thinned: 4,000 of 1,200,000 rows", or nothing when everything is there. */
export function thinnedWords({ row, columns, total, thinned }: Loaded): string | null {
  if (!thinned) return null;
  const nodes = Array.isArray(columns.z?.values[0])
    ? columns.z.values.length * (columns.z.values[0] as unknown[]).length
    : row.length;
  const what = row.length > 0 ? "row" : "node";
  return `thinned: ${nodes.toLocaleString()} of ${plural(total, what)}`;
}
