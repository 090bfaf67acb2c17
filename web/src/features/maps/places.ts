// Whether a map is offered for data, by what lists and pages know of it.

import type { Dataset, Upload } from "@/shared/api/types";

export function hasPlaces({
  media_type,
  crs,
  columns,
}: Pick<Upload | Dataset, "media_type" | "crs" | "columns">): boolean {
  if (/geo\+?json/.test(media_type) || crs) return true;
  const roles = new Set((columns ?? []).map(({ role }) => role));
  return (roles.has("longitude") && roles.has("latitude")) || (roles.has("easting") && roles.has("northing"));
}
