import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, X } from "lucide-react";
import { cellText, figure } from "./data";
import { type Entry, marksOf } from "./entries";
import { inWorker } from "./worker";

interface Props {
  entry: Entry;
  row: number;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
}

export const lonLatText = (lon: number, lat: number, digits = 6): string =>
  `${lat.toFixed(digits)}°, ${(((((lon + 180) % 360) + 360) % 360) - 180).toFixed(digits)}°`;

/** All values of the row that is looked at. */
export function RowCard({ entry, row, onStep, onClose }: Props) {
  const { source, plan, layer } = entry;
  const marks = marksOf(entry);
  const [lon, lat] = [marks?.lon[row] ?? Number.NaN, marks?.lat[row] ?? Number.NaN];
  const crs = plan?.crs;
  const own = useQuery({
    queryKey: ["content", "place", crs?.id, lon, lat],
    queryFn: () => inWorker("coordinates", crs as NonNullable<typeof crs>, lon, lat),
    enabled: crs !== undefined && !crs.geographic && !Number.isNaN(lon),
    gcTime: 0,
  });
  if (!source) return null;
  const point = entry.drawing?.kind === "features" && (!source.shapes || source.shapes[row]?.type === "Point");
  return (
    <section
      aria-label={`Row ${row + 1} of ${layer.name}`}
      className="card flex max-h-full w-72 max-w-full flex-col bg-surface/95 text-sm shadow-lg"
      data-row={row}
    >
      <div className="flex items-center gap-1 border-b border-line py-1 pr-1 pl-3">
        <h2 className="min-w-0 flex-1 truncate font-medium">
          Row {(row + 1).toLocaleString()} <span className="font-normal text-muted">of {layer.name}</span>
        </h2>
        <button
          type="button"
          aria-label="Previous point"
          title="Previous point (P)"
          className="grid size-8 place-items-center rounded hover:bg-hover"
          onClick={() => onStep(-1)}
        >
          <ChevronLeft aria-hidden className="size-4" />
        </button>
        <button
          type="button"
          aria-label="Next point"
          title="Next point (N)"
          className="grid size-8 place-items-center rounded hover:bg-hover"
          onClick={() => onStep(1)}
        >
          <ChevronRight aria-hidden className="size-4" />
        </button>
        <button
          type="button"
          aria-label="Close"
          title="Close (Escape)"
          className="grid size-8 place-items-center rounded hover:bg-hover"
          onClick={onClose}
        >
          <X aria-hidden className="size-4" />
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus to be scrolled by keys */}
      <section aria-label="Values" className="overflow-auto px-3 py-2" tabIndex={0}>
        <dl className="grid grid-cols-[minmax(4rem,auto)_1fr] gap-x-3 gap-y-0.5">
          {source.columns.map((column) => (
            <Value key={column.name} name={column.name} text={cellText(column, row)} unit={column.unit} />
          ))}
          {!Number.isNaN(lon) && (
            <Value
              name={point ? "Latitude, longitude" : "Middle (lat, lon)"}
              text={lonLatText(lon, lat)}
              unit={null}
              soft
            />
          )}
          {own.data && crs && (
            <Value
              name={crs.id.startsWith("EPSG") ? crs.id : "Own system"}
              text={own.data.map((value) => figure(Number(value.toFixed(3)))).join(", ")}
              unit="m"
              soft
            />
          )}
        </dl>
      </section>
    </section>
  );
}

function Value({
  name,
  text,
  unit,
  soft = false,
}: {
  name: string;
  text: string;
  unit: string | null;
  soft?: boolean;
}) {
  return (
    <>
      <dt className="text-muted wrap-anywhere">{name}</dt>
      <dd className={`min-w-0 tabular-nums wrap-anywhere ${soft ? "text-muted" : ""}`}>
        {text}
        {unit && text !== "–" && <span className="text-muted"> {unit}</span>}
      </dd>
    </>
  );
}
