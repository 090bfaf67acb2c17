import { useEffect, useRef, useState } from "react";
import { Failure } from "@/shared/ui/failure";
import { type Drawable, draw, purge, resize } from "./plotly";
import { useTheme } from "./theme";

export { picture } from "./plotly";

export interface Brush {
  range?: Readonly<Record<string, readonly [unknown, unknown]>>;
  lassoPoints?: Readonly<Record<string, readonly unknown[]>>;
}

interface Props {
  drawable: Drawable;
  /** What the picture shows, in words. */
  label: string;
  className?: string;
  /** Told the new ends of axes by Plotly's names, or nulls when an axis shows all again. */
  onZoom?: (ranges: Readonly<Record<string, readonly [unknown, unknown] | null>>) => void;
  /** Told an area; null when it was taken away. */
  onBrush?: (brush: Brush | null) => void;
}

/** `xaxis2.range[0]` and its like, by axis. */
function zoomed(change: unknown): Record<string, [unknown, unknown] | null> {
  const ranges: Record<string, [unknown, unknown] | null> = {};
  for (const [key, value] of Object.entries((change ?? {}) as Record<string, unknown>)) {
    const [, letter, number, what, end] = /^([xy])axis(\d*)\.(range|autorange)(?:\[([01])\])?$/.exec(key) ?? [];
    if (!letter) continue;
    const name = `${letter}${number}`;
    if (what === "autorange") ranges[name] = null;
    else if (end === undefined) ranges[name] = value as [unknown, unknown];
    else {
      const range: [unknown, unknown] = ranges[name] ?? [undefined, undefined];
      range[Number(end)] = value;
      ranges[name] = range;
    }
  }
  return ranges;
}

/** Draws, and draws anew when the data, the size or the system's theme changes. */
export default function PlotCanvas({ drawable, label, className = "h-[26rem] w-full", onZoom, onBrush }: Props) {
  const ref = useRef<HTMLDivElement>(null);
  const [failure, setFailure] = useState<unknown>();
  const theme = useTheme();
  const told = useRef({ onZoom, onBrush });
  told.current = { onZoom, onBrush };

  const brushes = onBrush !== undefined;
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const listeners = {
      plotly_relayout: (change: unknown) => {
        const ranges = zoomed(change);
        if (Object.keys(ranges).length > 0) told.current.onZoom?.(ranges);
      },
      ...(brushes && {
        // When the area is taken away because something is drawn anew, it is told without one.
        plotly_selected: (area: unknown) => {
          const brush = area as Brush | undefined;
          if (brush?.range ?? brush?.lassoPoints) told.current.onBrush?.(brush);
        },
        plotly_deselect: () => told.current.onBrush?.(null),
      }),
    };
    let gone = false;
    draw(element, drawable, theme, listeners).then(
      () => {
        if (!gone) element.dataset.drawn = "true";
      },
      (error) => setFailure(error),
    );
    return () => {
      gone = true;
    };
  }, [drawable, theme, brushes]);

  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (element.dataset.drawn && element.clientWidth > 0) resize(element);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      purge(element);
    };
  }, []);

  if (failure !== undefined) return <Failure error={failure} />;
  return (
    <figure aria-label={label} className={className}>
      <div ref={ref} className="size-full" />
    </figure>
  );
}
