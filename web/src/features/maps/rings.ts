import type { FeatureCollection } from "geojson";

/** More than this and the rings would hide what they stand around: they become dots. */
const FEW = 100;

/** Places to be ringed, with the radius of what is inside. */
export function ringsOf(
  marks: { lon: Float64Array; lat: Float64Array } | null,
  rows: readonly number[],
  radius: number,
): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: rows.flatMap((row) => {
      const [lon, lat] = [marks?.lon[row], marks?.lat[row]];
      if (lon === undefined || lat === undefined || Number.isNaN(lon)) return [];
      return [
        {
          type: "Feature" as const,
          id: row,
          geometry: { type: "Point" as const, coordinates: [lon, lat] },
          properties: { r: rows.length > FEW ? radius - 3 : radius },
        },
      ];
    }),
  };
}
