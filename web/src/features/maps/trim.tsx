// What stands around the map: zoom, scale, coordinates, source.

import { useQuery } from "@tanstack/react-query";
import { Minus, Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { lonLatText } from "./card";
import type { Crs } from "./crs";
import type { View } from "./model";
import { lengthText, scaleBar } from "./rows";
import { inWorker } from "./worker";

export function ZoomButtons({ onZoom }: { onZoom: (by: number) => void }) {
  return (
    <div className="card absolute top-2 left-2 flex flex-col overflow-hidden shadow">
      <button
        type="button"
        aria-label="Zoom in"
        title="Zoom in (+)"
        className="grid size-9 place-items-center hover:bg-hover"
        onClick={() => onZoom(1)}
      >
        <Plus aria-hidden className="size-4" />
      </button>
      <button
        type="button"
        aria-label="Zoom out"
        title="Zoom out (−)"
        className="grid size-9 place-items-center border-t border-line hover:bg-hover"
        onClick={() => onZoom(-1)}
      >
        <Minus aria-hidden className="size-4" />
      </button>
    </div>
  );
}

/** A length on the ground, right in the middle of the map. */
export function ScaleLine({ view }: { view: View }) {
  const { metres, pixels } = scaleBar(view.zoom, view.lat, 110);
  return (
    <div className="w-max rounded bg-surface/85 px-1.5 pb-1 text-xs" data-scale={metres}>
      {lengthText(metres)}
      <div aria-hidden className="h-1.5 border-x border-b border-current" style={{ width: pixels }} />
    </div>
  );
}

export function Credit() {
  return <p className="rounded bg-surface/85 px-1.5 text-xs text-muted">Natural Earth</p>;
}

const PAUSE = 60;

/** Where the pointer is: in latitude and longitude and in the data's own system. */
export function Readout({ place, crs }: { place: { lon: number; lat: number } | null; crs: Crs | undefined }) {
  const [asked, setAsked] = useState(place);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(place), PAUSE);
    return () => clearTimeout(timer);
  }, [place]);
  const projected = crs && !crs.geographic ? crs : undefined;
  const own = useQuery({
    queryKey: ["content", "place", projected?.id, asked?.lon, asked?.lat],
    queryFn: () => inWorker("coordinates", projected as Crs, asked?.lon ?? 0, asked?.lat ?? 0),
    enabled: projected !== undefined && asked !== null,
    gcTime: 0,
    placeholderData: (before) => before,
  });
  if (!place) return null;
  const east = own.data?.every(Number.isFinite) ? own.data.map((value) => value.toFixed(1)).join(", ") : null;
  return (
    <p aria-hidden className="rounded bg-surface/85 px-1.5 text-right text-xs tabular-nums">
      {lonLatText(place.lon, place.lat, 4)}
      {projected && east && (
        <span className="block text-muted">
          {projected.id.startsWith("EPSG") ? projected.id : "own system"}: {east} m
        </span>
      )}
    </p>
  );
}
