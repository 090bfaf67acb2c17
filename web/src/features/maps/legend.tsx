import { useId } from "react";
import { figure } from "./data";
import { type Entry, type LegendOf, legendOf } from "./entries";
import { kindWord } from "./model";

/** Numbers for the ends and the middle of a scale, as short as their distance allows. */
export function ticks([low, high]: readonly [number, number]): string[] {
  const step = Math.abs(high - low) / 2;
  if (step === 0) return [figure(low)];
  const digits = Math.max(0, Math.min(8, 1 - Math.floor(Math.log10(step))));
  return [low, (low + high) / 2, high].map((value) =>
    Math.abs(value) >= 1e6 || (value !== 0 && digits >= 8)
      ? value.toExponential(2)
      : String(Number(value.toFixed(digits))),
  );
}

export const legendTitle = ({ name, unit }: Pick<LegendOf, "name" | "unit">) => (unit ? `${name} (${unit})` : name);

/** What the colours of the visible layers mean. */
export function Legends({ entries }: { entries: readonly Entry[] }) {
  const shown = entries.filter(({ layer, drawing }) => layer.visible && drawing).reverse();
  if (shown.length === 0) return null;
  return (
    <section
      aria-label="Legend"
      className="card max-h-full w-max max-w-56 space-y-2 overflow-hidden bg-surface/95 px-3 py-2 text-xs shadow"
    >
      {shown.map((entry) => {
        const legend = legendOf(entry);
        return (
          <div key={entry.layer.id}>
            <p className="truncate font-medium">{entry.layer.name}</p>
            {legend ? (
              <ScaleBar legend={legend} />
            ) : (
              <p className="flex items-center gap-1.5 text-muted">
                <svg aria-hidden="true" className="size-3" viewBox="0 0 12 12">
                  <circle cx="6" cy="6" r="5" fill={entry.layer.colour} />
                </svg>
                {kindWord[entry.layer.kind]}
              </p>
            )}
          </div>
        );
      })}
    </section>
  );
}

function ScaleBar({ legend }: { legend: LegendOf }) {
  const id = useId();
  const { stops, range } = legend;
  const marks = ticks(range);
  return (
    <figure aria-label={`${legendTitle(legend)}: ${marks[0]} to ${marks.at(-1)}`}>
      <figcaption className="truncate text-muted">{legendTitle(legend)}</figcaption>
      <svg
        aria-hidden="true"
        className="my-0.5 h-2.5 w-44 max-w-full rounded-sm"
        preserveAspectRatio="none"
        viewBox="0 0 100 1"
      >
        <defs>
          <linearGradient id={id}>
            {stops.map((stop, index) => (
              <stop key={stop} offset={index / (stops.length - 1)} stopColor={stop} />
            ))}
          </linearGradient>
        </defs>
        <rect width="100" height="1" fill={`url(#${id})`} />
      </svg>
      <div className="flex justify-between tabular-nums">
        {marks.map((mark, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: ends and middle may read alike
          <span key={index}>{mark}</span>
        ))}
      </div>
    </figure>
  );
}
