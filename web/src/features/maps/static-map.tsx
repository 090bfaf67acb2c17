// For browsers without WebGL: the world and the data as a picture of vectors, longitude and latitude as they are.

import { useQuery } from "@tanstack/react-query";
import type { Geometry, Position } from "geojson";
import { useMemo } from "react";
import { colourOf } from "./colours";
import { around, boundsOf, type Entry, legendOf, marksOf } from "./entries";
import type { Box } from "./model";
import { world } from "./world";

/** More marks than this are thinned, evenly. */
const MOST = 4000;

const ring = (points: readonly Position[]) =>
  points.map(([lon = 0, lat = 0], at) => `${at ? "L" : "M"}${lon.toFixed(3)} ${(-lat).toFixed(3)}`).join("");

/** A geometry as the path of an SVG whose y is minus the latitude. */
export function path(shape: Geometry): string {
  switch (shape.type) {
    case "LineString":
      return ring(shape.coordinates);
    case "MultiLineString":
      return shape.coordinates.map(ring).join("");
    case "Polygon":
      return shape.coordinates.map((points) => `${ring(points)}Z`).join("");
    case "MultiPolygon":
      return shape.coordinates.flatMap((part) => part.map((points) => `${ring(points)}Z`)).join("");
    case "GeometryCollection":
      return shape.geometries.map(path).join("");
    default:
      return "";
  }
}

interface Props {
  entries: readonly Entry[];
  selected: { data: string; rows: ReadonlySet<number> } | null;
  onPick: (entry: Entry, row: number) => void;
}

export function StaticMap({ entries, selected, onPick }: Props) {
  const ground = useQuery({
    queryKey: ["content", "world"],
    queryFn: () => world("coarse"),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const land = useMemo(() => {
    if (!ground.data) return "";
    return ground.data.land.features.map(({ geometry }) => path(geometry)).join("");
  }, [ground.data]);
  const drawn = entries.filter(({ layer, drawing }) => layer.visible && drawing);
  const all: Box = around(drawn.map(boundsOf)) ?? [-180, -90, 180, 90];
  const margin = 0.05 * Math.max(all[2] - all[0], all[3] - all[1], 0.01);
  const [west, south, east, north] = [all[0] - margin, all[1] - margin, all[2] + margin, all[3] + margin];
  const unit = Math.max(east - west, 2 * (north - south)) / 800;
  return (
    <svg
      role="img"
      aria-label={`Map with ${drawn.map(({ layer }) => layer.name).join(", ") || "no data"}`}
      className="absolute inset-0 size-full bg-(--map-water)"
      viewBox={`${west} ${-north} ${east - west} ${north - south}`}
      preserveAspectRatio="xMidYMid meet"
    >
      {[-360, 0, 360].map((turn) => (
        <path
          key={turn}
          d={land}
          transform={`translate(${turn} 0)`}
          fill="var(--map-land)"
          stroke="var(--map-border)"
          strokeWidth={unit}
        />
      ))}
      {drawn.map((entry) => (
        <StaticLayer
          key={entry.layer.id}
          entry={entry}
          unit={unit}
          chosen={selected?.data === entry.source?.id ? selected?.rows : undefined}
          onPick={onPick}
        />
      ))}
    </svg>
  );
}

interface LayerProps {
  entry: Entry;
  /** A pixel, about. */
  unit: number;
  chosen: ReadonlySet<number> | undefined;
  onPick: (entry: Entry, row: number) => void;
}

function StaticLayer({ entry, unit, chosen, onPick }: LayerProps) {
  const { layer, drawing, plan } = entry;
  const legend = legendOf(entry);
  const marks = marksOf(entry);
  if (drawing?.kind === "raster") {
    const box = drawing.raster.bounds;
    // Without WebGL a grid is its frame; its numbers are in the table of its data.
    return (
      box && (
        <rect
          x={box[0]}
          y={-box[3]}
          width={box[2] - box[0]}
          height={box[3] - box[1]}
          fill={layer.colour}
          fillOpacity={0.25}
          stroke={layer.colour}
          strokeWidth={unit}
        />
      )
    );
  }
  if (!drawing) return null;
  const colour = (value: number | undefined) =>
    legend && value !== undefined && !Number.isNaN(value) ? colourOf(value, legend.range, legend.stops) : layer.colour;
  const values = plan && !plan.need ? plan.values : null;
  if (layer.kind === "points" && marks) {
    const step = Math.max(1, Math.ceil(marks.lon.length / MOST));
    const rows = Array.from({ length: Math.ceil(marks.lon.length / step) }, (_, index) => index * step).filter(
      (row) => !Number.isNaN(marks.lon[row]),
    );
    return rows.map((row) => (
      // biome-ignore lint/a11y/noStaticElementInteractions: the table below is the way by keyboard
      <circle
        key={row}
        data-row={row}
        cx={marks.lon[row]}
        cy={-(marks.lat[row] as number)}
        r={layer.width * unit}
        fill={colour(values?.[row])}
        fillOpacity={layer.opacity}
        stroke={chosen?.has(row) ? "var(--map-mark)" : "var(--map-halo)"}
        strokeWidth={chosen?.has(row) ? 3 * unit : 0.5 * unit}
        onClick={() => onPick(entry, row)}
      />
    ));
  }
  return drawing.shapes.features.features.map(({ geometry, properties }, index) => {
    const area = /Polygon/.test(geometry.type);
    const tint = colour(properties?.v as number | undefined);
    return (
      <path
        // biome-ignore lint/suspicious/noArrayIndexKey: features have no other identity here and never move
        key={index}
        d={path(geometry)}
        fill={area ? tint : "none"}
        fillOpacity={0.35}
        stroke={tint}
        strokeWidth={1.5 * unit}
      />
    );
  });
}
